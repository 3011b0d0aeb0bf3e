/** The trainer, the tasks it can train, and what a run leaves behind. */
package djinn.training;
