"""HTTP/2 by others (httpx on hyper-h2): many requests on one connection, a body, an answer of its own."""
import asyncio
import sys

import httpx

port, certificate = sys.argv[1], sys.argv[2]


async def main():
    async with httpx.AsyncClient(http2=True, verify=certificate, base_url=f"https://localhost:{port}") as client:
        answers = await asyncio.gather(*(client.get("/get", params={"n": str(n)}) for n in range(50)))
        for n, answer in enumerate(answers):
            assert answer.http_version == "HTTP/2", answer.http_version
            assert answer.status_code == 200, answer.text
            assert answer.json()["args"] == {"n": str(n)}, answer.text
        answer = await client.post("/post", json={"name": "tea", "count": 3})
        assert answer.status_code == 200 and answer.json()["json"] == {"name": "tea", "count": 3}, answer.text
        answer = await client.post("/post", json={"name": "tea", "count": "three"})
        assert answer.status_code == 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json", answer.headers
        assert any("count" in error["place"] for error in answer.json()["errors"]), answer.text
        assert "server" not in answer.headers


asyncio.run(main())
print("ok")
