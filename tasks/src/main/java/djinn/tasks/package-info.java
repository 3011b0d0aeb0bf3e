/** The table of tasks, what their recipes may say, and runs: from code what the command line does. */
package djinn.tasks;
