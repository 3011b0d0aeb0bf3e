package djinn.data;

import java.util.random.RandomGenerator;

/**
 * Turns the image by no, one, two or three quarter turns, all equally likely, without loss; an image that is not square
 * by none or two. With {@link RandomHorizontalFlip} these are the eight symmetries of the square.
 */
public record RandomQuarterTurn() implements Augmentation {

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        int drawn = random.nextInt(4);
        int turns = image.height() == image.width() ? drawn : drawn / 2 * 2;
        return turns == 0 ? Augmented.inPlace(image) : Augmented.moved(turned(image, turns), geometry(image, turns));
    }

    /** Turns a square image clockwise, or any by two turns. */
    private static Pixels turned(Pixels image, int turns) {
        int channels = image.channels();
        int last = image.height() - 1;
        byte[] from = image.values();
        byte[] to = new byte[from.length];
        int at = 0;
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                int row = switch (turns) {
                    case 1 -> last - x;
                    case 2 -> last - y;
                    default -> x;
                };
                int column = switch (turns) {
                    case 1 -> y;
                    case 2 -> image.width() - 1 - x;
                    default -> last - y;
                };
                int source = (row * image.width() + column) * channels;
                for (int c = 0; c < channels; c++) {
                    to[at++] = from[source + c];
                }
            }
        }
        return new Pixels(image.height(), image.width(), channels, to);
    }

    private static Geometry geometry(Pixels image, int turns) {
        int height = image.height();
        int width = image.width();
        return switch (turns) {
            case 1 -> new Geometry(height, width, height, width, 0, 1, 0, -1, 0, height);
            case 2 -> new Geometry(height, width, height, width, -1, 0, width, 0, -1, height);
            default -> new Geometry(height, width, height, width, 0, -1, width, 1, 0, 0);
        };
    }
}
