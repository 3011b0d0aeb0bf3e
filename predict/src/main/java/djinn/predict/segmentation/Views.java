package djinn.predict.segmentation;

import java.util.OptionalInt;

/**
 * How a segmenter looks at an image: whole, fitted to the model's size, or in tiles in its own size; once, or at its mirror
 * image too.
 *
 * @param tile height and width of the tiles; empty for the whole image
 * @param overlap pixels that a tile shares with the next at least; of what two tiles see, each tells the half that is further
 *     from its own edge
 * @param mirrored whether the mirror image is looked at too, and probabilities averaged
 */
public record Views(OptionalInt tile, int overlap, boolean mirrored) {

    /** The whole image, once. */
    public static final Views WHOLE = new Views(OptionalInt.empty(), 0, false);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the overlap is negative, not less than the tile, or without tiles
     */
    public Views {
        if (overlap < 0 || (tile.isEmpty() ? overlap > 0 : overlap >= tile.getAsInt())) {
            throw new IllegalArgumentException("expected an overlap of at least 0 and less than the tile, got "
                    + overlap + (tile.isEmpty() ? " without tiles" : " with tiles of " + tile.getAsInt()));
        }
    }

    /** Tiles of a size, each of which shares some pixels with the next. */
    public static Views tiles(int size, int overlap) {
        return new Views(OptionalInt.of(size), overlap, false);
    }

    /** Returns the same views, and the mirror image of each. */
    public Views withMirrored() {
        return new Views(tile, overlap, true);
    }

    /** Returns whether there is but one look at the whole image. */
    boolean isWhole() {
        return tile.isEmpty() && !mirrored;
    }
}
