package djinn.data;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.List;

/**
 * What a trained model does to any image before its forward pass: the size, the channels, and the scaling of values.
 *
 * @param height rows the model takes, at least 1; with {@link Fit#SHORTER_SIDE}, what the shorter side becomes
 * @param width columns the model takes, at least 1; with {@link Fit#SHORTER_SIDE}, what the longer side becomes at most
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param mean one per channel, of values from 0 to 1
 * @param std one per channel, above 0
 * @param fit how an image of another shape comes to the size
 * @param cropFraction with {@link Fit#CROP}, the share of the resized image that is cut out, in each direction; 0.875 is
 *     torchvision's resize to 256 and crop of 224
 * @param interpolation how it is resized
 */
public record Preprocessing(
        int height,
        int width,
        int channels,
        List<Double> mean,
        List<Double> std,
        Fit fit,
        double cropFraction,
        Interpolation interpolation) {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def row(values: List[float], like: Tensor) -> Tensor:
              return torch.repeat(torch.to(torch.tensor(values), like), [torch.size(like, 2)])

            # constants as long as a row of the image: over the few channels alone, the engine's loops are short
            def normalise(images: Tensor, mean: List[float], std: List[float]) -> Tensor:
              x = torch.to(images, 6)
              rows = torch.flatten(x, 2, 3)
              y0 = torch.div_(rows, 255)
              y1 = torch.sub_(y0, self.row(mean, x))
              y2 = torch.div_(y1, self.row(std, x))
              return torch.permute(x, [0, 3, 1, 2])
            """);

    /** How an image of another shape comes to the size. */
    public enum Fit {
        /**
         * Keeps the proportions: resizes until both sides just cover the target over the crop fraction, and cuts out the
         * centre. For a square target this is torchvision's {@code Resize} of the shorter side and {@code CenterCrop}.
         */
        CROP,
        /** Resizes both sides, whatever becomes of the proportions. */
        STRETCH,
        /**
         * Keeps the proportions and all of the image: resizes until it just fits into the target, and fills what is left
         * around it with the mean, which normalises to about 0. This is Pillow's {@code ImageOps.pad}.
         */
        LETTERBOX,
        /**
         * Keeps the proportions and all of the image, and adds nothing, so that images come in different sizes: resizes the
         * shorter side to the height, or to less where the longer would be beyond the width. This is torchvision's
         * {@code Resize(height, max_size=width)}, as detectors have it (800 and 1333). A batch holds one image, or fills
         * them up to its largest.
         */
        SHORTER_SIDE
    }

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a size is less than 1, the channels are neither 1 nor 3, a list has not one
     *     finite entry per channel, a standard deviation is not above 0, or the shorter side is to be longer than the
     *     longest
     */
    public Preprocessing {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "expected a height and a width of at least 1, got " + height + "x" + width);
        }
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("expected 1 or 3 channels, got " + channels);
        }
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.size() != channels || !mean.stream().allMatch(Double::isFinite)) {
            throw new IllegalArgumentException(
                    "expected a finite mean for each of " + channels + " channels, got " + mean);
        }
        if (std.size() != channels || !std.stream().allMatch(s -> s > 0 && Double.isFinite(s))) {
            throw new IllegalArgumentException(
                    "expected a standard deviation above 0 for each of " + channels + " channels, got " + std);
        }
        if (fit == null) {
            throw new IllegalArgumentException("expected a fit of CROP, STRETCH, LETTERBOX or SHORTER_SIDE, got null");
        }
        if (fit == Fit.SHORTER_SIDE && width < height) {
            throw new IllegalArgumentException("expected a height, what the shorter side becomes, of at most the width,"
                    + " the longest a side may be, got " + height + "x" + width);
        }
        if (!(cropFraction > 0 && cropFraction <= 1)) {
            throw new IllegalArgumentException("expected a crop fraction above 0 and at most 1, got " + cropFraction);
        }
        if (interpolation == null) {
            throw new IllegalArgumentException("expected bilinear, bicubic or nearest interpolation, got null");
        }
    }

    /**
     * Returns that of models which draw images: squares, the shorter side resized and the centre cut out, whose values are
     * brought to -1 to 1.
     *
     * @param size height and width
     * @param channels 1 or 3
     * @param interpolation how an image is resized
     */
    public static Preprocessing asDrawn(int size, int channels, Interpolation interpolation) {
        List<Double> half = Collections.nCopies(channels, .5);
        return new Preprocessing(size, size, channels, half, half, Fit.CROP, 1, interpolation);
    }

    /** Resizes bilinearly. */
    public Preprocessing(
            int height, int width, int channels, List<Double> mean, List<Double> std, Fit fit, double cropFraction) {
        this(height, width, channels, mean, std, fit, cropFraction, Interpolation.BILINEAR);
    }

    /**
     * Returns this preprocessing.
     *
     * @throws IllegalArgumentException if it leaves images in different sizes
     */
    public Preprocessing ofOneSize() {
        if (fit == Fit.SHORTER_SIDE) {
            throw new IllegalArgumentException("expected fit crop, stretch or letterbox, which bring all images to one"
                    + " size, got shorter_side, with which a batch has none");
        }
        return this;
    }

    /** Brings an image to the channels and the size; returns it itself where it has them. */
    public Pixels fit(Pixels image) {
        Pixels converted = image.withChannels(channels);
        return switch (fit) {
            case STRETCH -> Resampling.resize(converted, height, width, interpolation);
            case LETTERBOX -> letterboxed(converted, height, width);
            case SHORTER_SIDE -> {
                Extents whole = byShorterSide(converted.height(), converted.width());
                yield Resampling.resize(converted, whole.height, whole.width, interpolation);
            }
            case CROP -> {
                Extents covering = coveringExtents(converted, cropFraction);
                yield Resampling.cropOfResized(
                        converted, covering.height, covering.width, centre(covering), interpolation);
            }
        };
    }

    /** Brings an image to the channels and the size, and says where its pixels went. */
    Augmented fitted(Pixels image) {
        return Augmented.moved(fit(image), geometry(image.height(), image.width()));
    }

    /** Returns how many bytes an image of the size and channels has. */
    int bytesPerImage() {
        return Math.multiplyExact(Math.multiplyExact(height, width), channels);
    }

    /**
     * Returns where the pixels of a fitted image come from, for label maps and boxes, and, inverted, for answers.
     *
     * @param imageHeight rows of an image
     * @param imageWidth columns of an image
     * @return from that size to the model's, or with {@link Fit#SHORTER_SIDE} to the image's own
     */
    public Geometry geometry(int imageHeight, int imageWidth) {
        Extents whole = switch (fit) {
            case STRETCH -> new Extents(height, width);
            case LETTERBOX -> inside(imageHeight, imageWidth, height, width);
            case SHORTER_SIDE -> byShorterSide(imageHeight, imageWidth);
            case CROP -> coveringExtents(imageHeight, imageWidth, cropFraction);
        };
        Region seen = switch (fit) {
            case STRETCH, SHORTER_SIDE -> Region.whole(whole.height, whole.width);
            case LETTERBOX -> new Region(-start(height, whole.height), -start(width, whole.width), height, width);
            case CROP -> centre(whole);
        };
        double rows = (double) imageHeight / whole.height;
        double columns = (double) imageWidth / whole.width;
        return Geometry.cut(
                imageHeight,
                imageWidth,
                seen.top() * rows,
                seen.left() * columns,
                seen.height() * rows,
                seen.width() * columns,
                seen.height(),
                seen.width());
    }

    /** As torchvision computes it, who rounds down twice. */
    private Extents byShorterSide(int imageHeight, int imageWidth) {
        int least = Math.min(imageHeight, imageWidth);
        long shorter = height;
        long longer = (long) height * Math.max(imageHeight, imageWidth) / least;
        if (longer > width) {
            shorter = Math.max(1, width * shorter / longer);
            longer = width;
        }
        return imageHeight == least
                ? new Extents((int) shorter, (int) longer)
                : new Extents((int) longer, (int) shorter);
    }

    /** The largest size of an image's proportions within another. */
    private static Extents inside(int imageHeight, int imageWidth, int height, int width) {
        double scale = Math.min((double) height / imageHeight, (double) width / imageWidth);
        int innerHeight = (int) Math.rint(imageHeight * scale);
        int innerWidth = (int) Math.rint(imageWidth * scale);
        return new Extents(Math.max(1, Math.min(height, innerHeight)), Math.max(1, Math.min(width, innerWidth)));
    }

    private Pixels letterboxed(Pixels image, int wholeHeight, int wholeWidth) {
        Extents inner = inside(image.height(), image.width(), wholeHeight, wholeWidth);
        Pixels resized = Resampling.resize(image, inner.height, inner.width, interpolation);
        if (inner.height == wholeHeight && inner.width == wholeWidth) {
            return resized;
        }
        byte[] values = ground(wholeHeight, wholeWidth);
        int top = start(wholeHeight, inner.height);
        int left = start(wholeWidth, inner.width);
        int row = inner.width * channels;
        for (int y = 0; y < inner.height; y++) {
            System.arraycopy(resized.values(), y * row, values, ((top + y) * wholeWidth + left) * channels, row);
        }
        return new Pixels(wholeHeight, wholeWidth, channels, values);
    }

    /** The values of an image that normalises to about 0 everywhere. */
    byte[] ground(int rows, int columns) {
        byte[] values = new byte[Math.multiplyExact(Math.multiplyExact(rows, columns), channels)];
        for (int c = 0; c < channels; c++) {
            values[c] = filling(c);
        }
        // what is filled already is copied behind itself
        for (int filled = channels; filled < values.length; ) {
            int more = Math.min(filled, values.length - filled);
            System.arraycopy(values, 0, values, filled, more);
            filled += more;
        }
        return values;
    }

    /** The value that normalises to about 0. */
    byte filling(int channel) {
        return (byte) Math.round(255 * Math.max(0, Math.min(1, mean.get(channel))));
    }

    /** Rows and columns. */
    private record Extents(int height, int width) {}

    /**
     * Resizes until the size over a fraction is covered: just so by the shorter side, or by both when stretching, or by
     * the image and what is filled around it.
     */
    Pixels covering(Pixels image, double fraction) {
        Extents extents = coveringExtents(image, fraction);
        return fit == Fit.LETTERBOX
                ? letterboxed(image, extents.height, extents.width)
                : Resampling.resize(image, extents.height, extents.width, interpolation);
    }

    private Extents coveringExtents(Pixels image, double fraction) {
        return coveringExtents(image.height(), image.width(), fraction);
    }

    private Extents coveringExtents(int imageHeight, int imageWidth, double fraction) {
        int coveringHeight = (int) Math.rint(height / fraction);
        int coveringWidth = (int) Math.rint(width / fraction);
        if (fit == Fit.CROP) {
            if ((long) imageWidth * height >= (long) imageHeight * width) {
                coveringWidth = (int) ((long) coveringHeight * imageWidth / imageHeight);
            } else {
                coveringHeight = (int) ((long) coveringWidth * imageHeight / imageWidth);
            }
        }
        return new Extents(coveringHeight, coveringWidth);
    }

    private Region centre(Extents covering) {
        return new Region(start(covering.height, height), start(covering.width, width), height, width);
    }

    /** Where the centre begins: torchvision uses Python's round, which takes halves to the even number. */
    private static int start(int whole, int part) {
        return (int) Math.rint((whole - part) / 2.0);
    }

    /** Cuts out the centre; of an image that covers the size. */
    Pixels centre(Pixels covering) {
        return covering.crop(centre(new Extents(covering.height(), covering.width())));
    }

    /**
     * Returns an image.
     *
     * @throws IllegalArgumentException if it has not the size and channels of this preprocessing
     */
    Pixels checked(Pixels image) {
        boolean sized = fit == Fit.SHORTER_SIDE
                ? Math.min(image.height(), image.width()) <= height && Math.max(image.height(), image.width()) <= width
                : image.height() == height && image.width() == width;
        if (!sized || image.channels() != channels) {
            throw new IllegalArgumentException("expected an image of " + (fit == Fit.SHORTER_SIDE ? "at most " : "")
                    + height + "x" + width + "x" + channels + ", got " + image);
        }
        return image;
    }

    /**
     * Computes (value / 255 - mean) / std on the device, to the same bits as {@link #normalise(Pixels, FloatBuffer)}.
     *
     * @param images (N, H, W, C), unsigned bytes; left as they are
     * @return (N, C, H, W), float32, in the images' order of elements; owned by their manager
     */
    NDArray normalise(NDArray images) {
        return SCRIPT.call("normalise", images, doubles(mean), doubles(std));
    }

    private static double[] doubles(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /**
     * Writes (value / 255 - mean) / std, in single precision as torch computes it, one plane per channel.
     *
     * @param image of the size and channels of this preprocessing, as {@link #fit(Pixels)} returns it
     * @param out takes channels x height x width floats at its position, which moves past them
     * @throws IllegalArgumentException if the image has another size, or the buffer has too little room
     */
    public void normalise(Pixels image, FloatBuffer out) {
        byte[] values = checked(image).values();
        if (out.remaining() < values.length) {
            throw new IllegalArgumentException(
                    "expected room for " + values.length + " floats, got " + out.remaining());
        }
        float[] table = new float[256];
        float[] plane = new float[values.length / channels];
        for (int c = 0; c < channels; c++) {
            float channelMean = mean.get(c).floatValue();
            float channelStd = std.get(c).floatValue();
            for (int v = 0; v < 256; v++) {
                table[v] = (v / 255f - channelMean) / channelStd;
            }
            for (int i = 0; i < plane.length; i++) {
                plane[i] = table[values[i * channels + c] & 0xFF];
            }
            out.put(plane);
        }
    }
}
