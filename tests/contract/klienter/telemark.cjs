// Calls npm `svarut` (SOAP V9) with what stands on stdin, and writes what each call gave.
// In: {"url": "...", "calls": [["method", {query}] ...]}. Out: [{"value": ...} or {"error": {message, status}} ...]
const svarut = require('svarut')
const { url, calls } = JSON.parse(require('fs').readFileSync(0, 'utf8'))

async function main() {
  const results = []
  for (const [method, query] of calls) {
    try {
      results.push({ value: await svarut[method]({ config: { url }, query }) })
    } catch (error) {
      results.push({ error: { message: error.message, status: error.status } })
    }
  }
  process.stdout.write(JSON.stringify(results))
}

main()
