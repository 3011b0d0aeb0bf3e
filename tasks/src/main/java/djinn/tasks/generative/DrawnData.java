package djinn.tasks.generative;

import djinn.data.CifarFolder;
import djinn.data.DataReport;
import djinn.data.Digits;
import djinn.data.IdxFolder;
import djinn.data.ImageCheck;
import djinn.data.Interpolation;
import djinn.data.LooseImages;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.Splits;
import djinn.data.TestedSplits;
import djinn.ops.Default;
import djinn.tasks.images.SourceKeys;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The images that a model learns to make.
 *
 * @param source where they come from
 * @param root the folder of {@code idx}, {@code images} and {@code cifar}
 * @param valFraction the share held out where the data says nothing of it, or with {@code test_apart}
 * @param splitSeed decides which are
 * @param testApart whether the images held out are kept to test on ({@code djinn val --split test}), such as MNIST's t10k;
 *     {@code val_fraction} of the others is then held out
 * @param size height and width
 * @param channels 1 for grey, 3 for colour
 * @param interpolation how an image of another size is resized
 * @param workers threads that make batches
 * @param onError what becomes of an image that cannot be read
 * @param cacheMb how many megabytes of decoded images are kept
 */
public record DrawnData(
        Source source,
        Optional<String> root,
        @Default("0.1") double valFraction,
        @Default("0") long splitSeed,
        @Default("false") boolean testApart,
        @Default("28") int size,
        @Default("1") int channels,
        @Default("bilinear") Interpolation interpolation,
        @Default("1") int workers,
        @Default("fail") OnError onError,
        @Default("512") int cacheMb) {

    private static final double USUAL_VAL = .1;

    /** Where images come from. */
    public enum Source {
        /** The digits that come with Djinn, 8x8. */
        DIGITS,
        /** IDX files in a folder, as MNIST's. */
        IDX,
        /** All image files in a folder and in those below it. */
        IMAGES,
        /** CIFAR's binary files in a folder. */
        CIFAR
    }

    /** Checks what the source needs. */
    public DrawnData {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("expected channels of 1 (grey) or 3 (colour), got " + channels);
        }
        if (source != Source.DIGITS && root.isEmpty()) {
            throw new IllegalArgumentException("expected root, the folder of the images, with this source");
        }
        boolean splits = source == Source.IDX || source == Source.IMAGES || testApart;
        new SourceKeys(source)
                .idle("root", source == Source.DIGITS && root.isPresent())
                .idle("val_fraction", !splits && valFraction != USUAL_VAL)
                .idle("split_seed", !splits && splitSeed != 0)
                .refuse();
        if (size < 1 || workers < 1 || cacheMb < 0) {
            throw new IllegalArgumentException(
                    "expected a size and workers of at least 1 and cache_mb of at least 0, got " + size + ", " + workers
                            + " and " + cacheMb);
        }
    }

    /** Returns what is done to every image: values become those within -1 to 1, as models draw them. */
    public Preprocessing preprocessing() {
        return Preprocessing.asDrawn(size, channels, interpolation);
    }

    /** Returns what is wrong with the images. */
    DataReport check() {
        return ImageCheck.ofLabelled(splits(), channels);
    }

    private Splits splits() {
        return switch (source) {
            case DIGITS -> Digits.splits();
            case IDX -> IdxFolder.read(Path.of(root.orElseThrow()), valFraction, splitSeed);
            case IMAGES -> LooseImages.read(Path.of(root.orElseThrow()), valFraction, splitSeed);
            case CIFAR -> CifarFolder.read(Path.of(root.orElseThrow()));
        };
    }

    /**
     * Opens the images; they are listed, not all of them read.
     *
     * @param seed decides the order to learn in
     * @param batchSize images of a batch
     * @return the images
     * @throws djinn.ops.DataException if they are missing
     */
    public GenerativeImages open(long seed, int batchSize) {
        Splits two = splits();
        if (!testApart) {
            return new GenerativeImages(this, two, Optional.empty(), seed, batchSize);
        }
        TestedSplits three = TestedSplits.of(two, valFraction, splitSeed);
        return new GenerativeImages(this, three.chosen(), Optional.of(three.test()), seed, batchSize);
    }
}
