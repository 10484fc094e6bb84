-- The shop on its first day: prices in cents. Order 1007 was imported without a price, which nobody noticed.
CREATE TABLE users (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL,
    password_hash TEXT NOT NULL, internal_notes TEXT NOT NULL
);
INSERT INTO users VALUES
    (1, 'ana@shop.example', 'Ana Alder', 'customer', '', 'prefers invoices; credit limit 500'),
    (2, 'ben@shop.example', 'Ben Birch', 'customer', '', 'two chargebacks in spring; watch'),
    (3, 'cleo@shop.example', 'Cleo Cedar', 'admin', '', 'may approve refunds');

CREATE TABLE products (
    id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    price INTEGER NOT NULL, stock INTEGER NOT NULL, hidden INTEGER NOT NULL
);
INSERT INTO products VALUES
    (1, 'KET-001', 'Copper kettle', 4900, 12, 0),
    (2, 'KET-002', 'Travel kettle', 2900, 40, 0),
    (3, 'TEA-010', 'Green tea 100 g', 850, 210, 0),
    (4, 'TEA-011', 'Black tea 100 g', 750, 180, 0),
    (5, 'TEA-012', 'Mint tea 50 g', 590, 95, 0),
    (6, 'CUP-100', 'Stoneware cup', 1450, 64, 0),
    (7, 'CUP-101', 'Glass cup', 1150, 0, 0),
    (8, 'POT-200', 'Cast iron pot', 7900, 7, 0),
    (9, 'ACC-300', 'Bamboo whisk', 1990, 33, 0),
    (10, 'ACC-301', 'Tea timer', 1290, 51, 0),
    (11, 'NEW-900', 'Autumn sampler (not announced)', 3500, 500, 1);

CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, customer_id INTEGER NOT NULL REFERENCES users (id),
    product_id INTEGER NOT NULL REFERENCES products (id), quantity INTEGER NOT NULL, price INTEGER,
    status TEXT NOT NULL, note TEXT, created_at TEXT NOT NULL
);
INSERT INTO orders VALUES
    (1001, 1, 1, 1, 4900, 'delivered', NULL, '2026-01-12T09:14:00Z'),
    (1002, 1, 3, 4, 850, 'delivered', 'leave at the door', '2026-01-30T17:02:11Z'),
    (1003, 1, 6, 2, 1450, 'paid', NULL, '2026-03-02T08:40:09Z'),
    (1004, 2, 8, 1, 7900, 'cancelled', 'call first: +44 20 7946 0018', '2026-01-15T12:00:00Z'),
    (1005, 2, 5, 6, 590, 'packed', 'gift for Dana, no invoice', '2026-03-03T19:31:45Z'),
    (1006, 2, 2, 1, 2900, 'delivered', NULL, '2026-02-11T10:10:10Z'),
    (1007, 1, 4, 2, NULL, 'new', 'imported', '2025-12-24T00:00:00Z'),
    (1008, 3, 9, 1, 1990, 'delivered', NULL, '2026-02-19T14:22:00Z'),
    (1009, 3, 10, 3, 1290, 'paid', 'for the office', '2026-03-04T11:05:30Z'),
    (1010, 2, 3, 10, 850, 'new', NULL, '2026-03-05T07:59:59Z'),
    (1011, 1, 5, 1, 590, 'new', NULL, '2026-03-05T09:00:00Z'),
    (1012, 3, 6, 4, 1450, 'new', 'blue if there is', '2026-03-05T16:45:12Z');

CREATE TABLE reviews (
    id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES products (id),
    author TEXT NOT NULL, stars INTEGER NOT NULL, text TEXT NOT NULL
);
INSERT INTO reviews VALUES
    (1, 1, 'Ana Alder', 5, 'Boils fast, looks good.'),
    (2, 8, 'Ana Alder', 4, 'Heavy, as it should be.'),
    (3, 5, 'Ben Birch', 2, 'Too little mint in it.'),
    (4, 6, 'Dana O''Neill', 5, 'My favourite cup.');
