package djinn.training;

/**
 * A file of the folder {@code top} of a run.
 *
 * @param name of the file
 * @param figure by which it is kept
 * @param value of the figure
 */
record KeptFile(String name, String figure, double value) {}
