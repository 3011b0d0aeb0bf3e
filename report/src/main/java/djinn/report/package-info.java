/** Runs as pages to look at: the report of one, several compared, and a board of all while they train. */
package djinn.report;
