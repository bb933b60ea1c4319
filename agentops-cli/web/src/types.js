/**
 * Documents of the server.
 *
 * @typedef {object} Summary
 * @property {string} id
 * @property {string} name
 * @property {string} start nanoseconds since 1970
 * @property {number} took nanoseconds
 * @property {State} state
 * @property {number} spans
 * @property {number} llm
 * @property {number} tools
 * @property {number | null} input
 * @property {number | null} output
 * @property {number | null} cost
 * @property {number} errors
 * @property {string | null} user
 * @property {string[]} tags
 * @property {string[]} step
 *
 * @typedef {"running" | "ok" | "failed" | "indeterminate" | "shutdown" | "aborted" | "unfinished"} State
 *
 * @typedef {{ count: number, text: string[] }} Faults
 *
 * @typedef {object} SessionList
 * @property {string} version
 * @property {string} folder
 * @property {string[]} paths what is viewed, if it is several
 * @property {string} now
 * @property {Summary[]} sessions
 * @property {string[]} gone
 * @property {boolean} whole these are all sessions, also where changes were asked for
 * @property {Faults | null} faults
 *
 * @typedef {object} SessionColumns columns of a session's spans, parents before children
 * @property {string} version
 * @property {string} id
 * @property {string} name
 * @property {State} state
 * @property {string} start
 * @property {string} end
 * @property {string} now
 * @property {string[]} step
 * @property {string | null} user
 * @property {string[]} tags
 * @property {string | null} program
 * @property {{ started_by: RelatedSession | null, started: RelatedSession[] }} related
 * @property {string[]} strings
 * @property {number} nodes
 * @property {string} id16
 * @property {number[]} depth
 * @property {number[]} size
 * @property {number[]} begin
 * @property {number[]} took
 * @property {number[]} kind
 * @property {number[]} title
 * @property {number[]} model
 * @property {number[]} agent
 * @property {number[]} error
 * @property {number[]} marks
 * @property {(number | null)[]} input
 * @property {(number | null)[]} output
 * @property {(number | null)[]} cached
 * @property {(number | null)[]} cost
 * @property {number[]} errors
 * @property {[number, number][]} first_piece nodes of streams, with the nanoseconds until the first piece
 * @property {number[]} critical
 * @property {{ kind: string, time: number }[]} by_kind
 * @property {{ llm: number, tool: number }} calls
 * @property {Faults | null} faults
 * @property {Score[]} scores the oldest first
 * @property {boolean} may_score the page may add scores
 *
 * @typedef {object} Score
 * @property {string | null} span `null` for the session
 * @property {string} name
 * @property {number | null} value
 * @property {string | null} label
 * @property {string | null} explanation
 * @property {string | null} author
 * @property {string} time nanoseconds since 1970
 *
 * @typedef {{ id: string, span: string, name: string | null, state: State | null }} RelatedSession
 *
 * @typedef {[string, any]} Attribute
 *
 * @typedef {object} SpanDocument
 * @property {string} id
 * @property {string | null} parent
 * @property {string} name
 * @property {string} kind
 * @property {string} start
 * @property {string} end
 * @property {{ code: number, message: string }} status
 * @property {Attribute[]} attributes
 * @property {string | null} input key of the attribute that is the input
 * @property {string | null} output
 * @property {{ name: string, time: string, attributes: Attribute[] }[]} events
 * @property {{ trace: string, span: string, attributes: Attribute[], is_here: boolean }[]} links
 * @property {Attribute[]} resource
 * @property {{ name: string, version: string }} scope
 * @property {{ path: string, line: number } | null} code
 * @property {{ file: string, offset: number } | null} place
 *
 * @typedef {object} CallsDocument
 * @property {string[]} strings
 * @property {number[]} node
 * @property {number[]} digest
 * @property {number[]} call_id
 * @property {[number, number][]} asked
 * @property {[number, Record<string, number>][]} context
 * @property {[number, number, number, number][]} prefix
 * @property {[number, [string, number, number][]][]} added
 *
 * @typedef {object} Totals of a group, or of all
 * @property {string} name
 * @property {number} calls of days: sessions
 * @property {number} errors
 * @property {number | null} input
 * @property {number | null} output
 * @property {number | null} cost
 * @property {number | null} p50
 * @property {number | null} p95
 *
 * @typedef {object} StatsDocument as `agentops stats` adds them up
 * @property {Totals[]} rows
 * @property {Totals} all
 * @property {Faults | null} faults
 *
 * @typedef {{ model: StatsDocument, agent: StatsDocument, tool: StatsDocument }} SessionTotals
 *
 * @typedef {object} SearchHit
 * @property {string} session
 * @property {string} session_name
 * @property {string} span
 * @property {string} kind
 * @property {string} name
 * @property {string} field
 * @property {string} before
 * @property {string} hit
 * @property {string} after
 *
 * @typedef {object} DiffSession
 * @property {string} id
 * @property {string} name
 * @property {string} start
 * @property {number} took
 * @property {State} state
 * @property {number | null} input
 * @property {number | null} output
 * @property {number | null} cost
 * @property {number} llm
 * @property {number} tools
 * @property {number} spans
 * @property {number} errors
 *
 * @typedef {object} DiffSpan
 * @property {string} span
 * @property {number} took
 * @property {number | null} input
 * @property {number | null} output
 * @property {number | null} cost
 * @property {string | null} error
 *
 * @typedef {object} DiffRow
 * @property {"same" | "changed" | "added" | "removed"} state
 * @property {number} depth
 * @property {string} kind
 * @property {string} name
 * @property {string | null} call name and arguments of a call that differs
 * @property {DiffSpan | null} older
 * @property {DiffSpan | null} newer
 * @property {string[]} changes
 *
 * @typedef {object} DiffDocument
 * @property {string} sentence
 * @property {boolean} same
 * @property {[DiffSession, DiffSession]} sessions
 * @property {number | null} first
 * @property {number | null} asked row of the last model call before the first difference, if it differs
 * @property {DiffRow[]} rows
 *
 * @module
 */

export {};
