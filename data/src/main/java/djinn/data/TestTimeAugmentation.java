package djinn.data;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Several views of one image, over which the model's logits or probabilities are averaged by the caller. */
public enum TestTimeAugmentation {
    /** The image as it is validated: 1 view. */
    NONE,
    /** That and its mirror image: 2 views. */
    FLIP,
    /**
     * The upper left, upper right, lower left and lower right corner and the centre, as torchvision's {@code FiveCrop}: 5
     * views. They are cut from the image resized by the crop fraction; where that is 1, by 0.875, or they would be one.
     */
    FIVE_CROP,
    /** Those and their mirror images (Krizhevsky et al. 2012): 10 views. */
    TEN_CROP,
    /** The centre, of crop fractions 1, 0.875 and 0.75, so that objects come in three sizes: 3 views. */
    MULTI_SCALE;

    private static final double USUAL_FRACTION = 0.875;

    /**
     * Returns the views of an image.
     *
     * @param image of any size
     * @param preprocessing what the model does to an image
     * @return images of the size and channels of the preprocessing, to be normalised
     * @throws IllegalArgumentException if parts are to be cut out where the preprocessing has no one size
     */
    public List<Pixels> views(Pixels image, Preprocessing preprocessing) {
        if (this != NONE && this != FLIP) {
            preprocessing.ofOneSize();
        }
        return switch (this) {
            case NONE -> List.of(preprocessing.fit(image));
            case FLIP -> withMirrored(List.of(preprocessing.fit(image)));
            case FIVE_CROP -> fiveCrops(image, preprocessing);
            case TEN_CROP -> withMirrored(fiveCrops(image, preprocessing));
            case MULTI_SCALE ->
                Stream.of(1.0, USUAL_FRACTION, 0.75)
                        .map(fraction -> preprocessing.centre(
                                preprocessing.covering(image.withChannels(preprocessing.channels()), fraction)))
                        .toList();
        };
    }

    private static List<Pixels> fiveCrops(Pixels image, Preprocessing preprocessing) {
        double fraction = preprocessing.cropFraction() < 1 ? preprocessing.cropFraction() : USUAL_FRACTION;
        Pixels covering = preprocessing.covering(image.withChannels(preprocessing.channels()), fraction);
        int height = preprocessing.height();
        int width = preprocessing.width();
        int bottom = covering.height() - height;
        int right = covering.width() - width;
        return List.of(
                covering.crop(new Region(0, 0, height, width)),
                covering.crop(new Region(0, right, height, width)),
                covering.crop(new Region(bottom, 0, height, width)),
                covering.crop(new Region(bottom, right, height, width)),
                preprocessing.centre(covering));
    }

    private static List<Pixels> withMirrored(List<Pixels> views) {
        List<Pixels> all = new ArrayList<>(views);
        views.forEach(view -> all.add(RandomHorizontalFlip.flip(view)));
        return List.copyOf(all);
    }
}
