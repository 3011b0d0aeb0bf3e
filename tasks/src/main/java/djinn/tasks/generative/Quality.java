package djinn.tasks.generative;

/**
 * Who judges made images.
 *
 * @param classifier the folder of a run of the task classification, or its weights: images are compared by its features
 *     and seen by its classes
 */
public record Quality(String classifier) {}
