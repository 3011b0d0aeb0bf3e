/** Loss functions, one record per file, each with its formula and source. */
package djinn.losses;
