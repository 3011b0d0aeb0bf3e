/** What the tasks' exhibits share: the worst examples, pictures of one size, curves of probabilities, maps of vectors. */
package djinn.tasks.exhibit;
