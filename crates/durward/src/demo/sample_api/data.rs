//! The shop's data: SQLite in memory, seeded at start. Some of the flaws live here.

use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value, json};

/// What the database said, and of which statement.
#[derive(Debug)]
pub(super) struct DatabaseError {
    pub(super) statement: String,
    pub(super) message: String,
}

/// The database.
#[derive(Debug)]
pub(super) struct Shop {
    // Held for one short statement at a time and never across an await.
    connection: Mutex<Connection>,
}

impl Shop {
    /// A fresh database with its seed.
    pub(super) fn open() -> Result<Self, DatabaseError> {
        let connection = Connection::open_in_memory().map_err(|error| failed("open", &error))?;
        connection.execute_batch(SEED).map_err(|error| failed("seed", &error))?;
        for (id, password) in PASSWORDS {
            let statement = "UPDATE users SET password_hash = ?1 WHERE id = ?2";
            connection.execute(statement, params![hash(password), id]).map_err(|error| failed(statement, &error))?;
        }
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// The products whose name contains `search`.
    pub(super) fn products(&self, search: &str) -> Result<Vec<Value>, DatabaseError> {
        // FLAW (CWE-89): the search text becomes part of the statement.
        let statement = format!(
            "SELECT id, sku, name, price, stock FROM products WHERE hidden = 0 AND name LIKE '%{search}%' ORDER BY id"
        );
        self.rows(&statement, [], |row| {
            Ok(json!({
                "id": row.get::<_, i64>(0)?,
                "sku": row.get::<_, String>(1)?,
                "name": row.get::<_, String>(2)?,
                "price": row.get::<_, i64>(3)?,
                "stock": row.get::<_, i64>(4)?,
            }))
        })
    }

    /// The reviews of one author.
    pub(super) fn reviews(&self, author: &str) -> Result<Vec<Value>, DatabaseError> {
        // FLAW (CWE-89): the name becomes part of the statement. No contract can forbid the apostrophe: people have it.
        let statement =
            format!("SELECT id, product_id, author, stars, text FROM reviews WHERE author = '{author}' ORDER BY id");
        self.rows(&statement, [], |row| {
            Ok(json!({
                "id": plain(row, 0)?,
                "productId": plain(row, 1)?,
                "author": plain(row, 2)?,
                "stars": plain(row, 3)?,
                "text": plain(row, 4)?,
            }))
        })
    }

    /// An order by its id, whoever asks.
    pub(super) fn order(&self, id: i64) -> Result<Option<Value>, DatabaseError> {
        // FLAW (CWE-639): nothing compares the order's customer with the caller.
        let statement = format!("SELECT {ORDER_COLUMNS} FROM orders WHERE id = ?1");
        Ok(self.rows(&statement, [id], order_of)?.pop())
    }

    /// The sound orders of one customer, newest first.
    pub(super) fn orders_of(&self, customer: i64) -> Result<Vec<Value>, DatabaseError> {
        let statement =
            format!("SELECT {ORDER_COLUMNS} FROM orders WHERE customer_id = ?1 AND price > 0 ORDER BY id DESC");
        self.rows(&statement, [customer], order_of)
    }

    /// The catalogue price of a product.
    pub(super) fn price_of(&self, product: i64) -> Result<Option<i64>, DatabaseError> {
        let statement = "SELECT price FROM products WHERE id = ?1";
        self.lock()
            .query_row(statement, [product], |row| row.get(0))
            .optional()
            .map_err(|error| failed(statement, &error))
    }

    /// Stores an order: what is usual for it, overlaid with whatever the caller sent.
    pub(super) fn place_order(
        &self,
        mut order: Map<String, Value>,
        sent: &Map<String, Value>,
    ) -> Result<Value, DatabaseError> {
        // FLAW (CWE-915): every column that the caller names is taken, also `price` and `status`.
        for (name, value) in sent {
            order.insert(name.clone(), value.clone());
        }
        let integer = |name: &str| order.get(name).and_then(Value::as_i64);
        let text = |name: &str| order.get(name).and_then(Value::as_str);
        let statement = format!(
            "INSERT INTO orders (customer_id, product_id, quantity, price, status, note, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, strftime('%Y-%m-%dT%H:%M:%SZ', 'now')) RETURNING {ORDER_COLUMNS}"
        );
        let values = params![
            integer("customerId"),
            integer("productId"),
            integer("quantity"),
            integer("price"),
            text("status"),
            text("note"),
        ];
        let connection = self.lock();
        let stored = connection.query_row(&statement, values, order_of).map_err(|error| failed(&statement, &error))?;
        // The sample keeps the seed and the newest orders, so that it never grows without end.
        let tidy = "DELETE FROM orders WHERE id > 1012 AND id <= (SELECT max(id) - 1000 FROM orders)";
        connection.execute(tidy, []).map_err(|error| failed(tidy, &error))?;
        Ok(stored)
    }

    /// Whether there is an order with this id.
    pub(super) fn has_order(&self, id: i64) -> Result<bool, DatabaseError> {
        let statement = "SELECT count(*) FROM orders WHERE id = ?1";
        let count: i64 =
            self.lock().query_row(statement, [id], |row| row.get(0)).map_err(|error| failed(statement, &error))?;
        Ok(count > 0)
    }

    /// Everything about a user.
    pub(super) fn account(&self, id: i64) -> Result<Option<Value>, DatabaseError> {
        let statement = "SELECT id, email, name, role, password_hash, internal_notes FROM users WHERE id = ?1";
        let found = self.rows(statement, [id], |row| {
            // FLAW (CWE-200): the whole row goes out, also what only the shop should know.
            Ok(json!({
                "id": row.get::<_, i64>(0)?,
                "email": row.get::<_, String>(1)?,
                "name": row.get::<_, String>(2)?,
                "role": row.get::<_, String>(3)?,
                "passwordHash": row.get::<_, String>(4)?,
                "internalNotes": row.get::<_, String>(5)?,
            }))
        })?;
        Ok(found.into_iter().next())
    }

    /// The user with this e-mail address.
    pub(super) fn user_by_email(&self, email: &str) -> Result<Option<i64>, DatabaseError> {
        let statement = "SELECT id FROM users WHERE email = ?1";
        self.lock()
            .query_row(statement, [email], |row| row.get(0))
            .optional()
            .map_err(|error| failed(statement, &error))
    }

    /// Whether the password is this user's.
    pub(super) fn password_fits(&self, user: i64, password: &str) -> Result<bool, DatabaseError> {
        let statement = "SELECT password_hash FROM users WHERE id = ?1";
        let stored: String =
            self.lock().query_row(statement, [user], |row| row.get(0)).map_err(|error| failed(statement, &error))?;
        // FLAW (CWE-208): compared byte by byte until the first difference.
        Ok(stored == hash(password))
    }

    fn rows<P: rusqlite::Params>(
        &self,
        statement: &str,
        values: P,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<Value>,
    ) -> Result<Vec<Value>, DatabaseError> {
        let connection = self.lock();
        let mut prepared = connection.prepare(statement).map_err(|error| failed(statement, &error))?;
        let rows = prepared.query_map(values, read).map_err(|error| failed(statement, &error))?;
        rows.take(MAX_ROWS).collect::<rusqlite::Result<_>>().map_err(|error| failed(statement, &error))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A column as it is, of whatever type.
fn plain(row: &Row<'_>, column: usize) -> rusqlite::Result<Value> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into(),
    })
}

fn order_of(row: &Row<'_>) -> rusqlite::Result<Value> {
    Ok(json!({
        "id": row.get::<_, i64>(0)?,
        "customerId": row.get::<_, i64>(1)?,
        "productId": row.get::<_, i64>(2)?,
        "quantity": row.get::<_, i64>(3)?,
        "price": row.get::<_, i64>(4)?,
        "status": row.get::<_, String>(5)?,
        "note": row.get::<_, Option<String>>(6)?,
        "createdAt": row.get::<_, String>(7)?,
    }))
}

fn failed(statement: &str, error: &rusqlite::Error) -> DatabaseError {
    DatabaseError { statement: statement.to_owned(), message: error.to_string() }
}

// FLAW (CWE-916): a fast hash without a salt.
fn hash(password: &str) -> String {
    hex(digest::digest(&digest::SHA256, password.as_bytes()).as_ref())
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
        text
    })
}

const MAX_ROWS: usize = 200;
const ORDER_COLUMNS: &str = "id, customer_id, product_id, quantity, price, status, note, created_at";
const PASSWORDS: [(i64, &str); 3] = [(1, "sunflower"), (2, "benbenben"), (3, "letmein2024")];
const SEED: &str = include_str!("seed.sql");
