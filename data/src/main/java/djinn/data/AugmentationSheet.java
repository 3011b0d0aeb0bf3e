package djinn.data;

import java.awt.image.BufferedImage;

/**
 * What a recipe's augmentations make of an image.
 *
 * @param image what the image is called
 * @param augmentations how many there are, with those of whole batches where they are drawn
 * @param picture a {@link ContactSheet}
 */
public record AugmentationSheet(String image, int augmentations, BufferedImage picture) {}
