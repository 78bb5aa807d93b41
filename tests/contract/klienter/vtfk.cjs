// Calls npm `@vtfk/svarut` (REST v1) with what stands on stdin, and writes what each call gave.
// In: {"settings": {...}, "calls": [["method", argument ...] ...]}. Out: [{"value": ...} or {"error": "..."} ...]
const svarut = require('@vtfk/svarut')
const { settings, calls } = JSON.parse(require('fs').readFileSync(0, 'utf8'))

async function main() {
  const client = svarut(settings)
  const results = []
  for (const [method, ...given] of calls) {
    try {
      results.push({ value: await client[method](...given) })
    } catch (error) {
      results.push({ error: error.message })
    }
  }
  process.stdout.write(JSON.stringify(results))
}

main()
