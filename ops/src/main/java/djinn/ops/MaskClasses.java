package djinn.ops;

/** How what a network says of an object's pixels hangs together over the classes. */
public enum MaskClasses {
    /** Each class has a mask of its own, by a sigmoid: the box tells the class (He et al. 2017, "Mask R-CNN", table 2b). */
    PER_CLASS,
    /** The classes and the background compete for each pixel, by a softmax, as in semantic segmentation. */
    SOFTMAX
}
