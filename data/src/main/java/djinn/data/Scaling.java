package djinn.data;

/** By what the values of an image are shifted and divided before a model gets them. */
public enum Scaling {
    /** By the mean and the deviation that the preprocessing says, the same for all images. */
    FIXED,
    /** After that by the mean and the deviation of the image itself, all channels together: of unlike exposures. */
    IMAGE
}
