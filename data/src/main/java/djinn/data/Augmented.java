package djinn.data;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What an {@link Augmentation} made of an image.
 *
 * @param image the changed image
 * @param moves where its pixels come from, step by step; empty if only their values changed
 * @param isByCentre whether an object goes where the centre of its box leaves the image, however much of it is seen
 * @param warp a deformation after the moves, if there is one
 */
public record Augmented(Pixels image, List<Geometry> moves, boolean isByCentre, Optional<Warp> warp) {

    /**
     * Checks that all fit.
     *
     * @throws IllegalArgumentException if a step does not begin with the size the one before led to, or the last leads to
     *     another than the image's, or the deformation is of another
     */
    public Augmented {
        moves = List.copyOf(moves);
        if (!moves.isEmpty()) {
            Geometry whole = moves.stream().reduce(Geometry::then).orElseThrow();
            if (whole.height() != image.height() || whole.width() != image.width()) {
                throw new IllegalArgumentException("expected moves that lead to the image's " + image.height() + "x"
                        + image.width() + ", got " + whole.height() + "x" + whole.width());
            }
        }
        if (warp.isPresent()
                && (warp.get().height() != image.height() || warp.get().width() != image.width())) {
            throw new IllegalArgumentException("expected a deformation of the image's " + image.height() + "x"
                    + image.width() + ", got one of " + warp.get().height() + "x"
                    + warp.get().width());
        }
    }

    /** An image whose pixels only moved. */
    public Augmented(Pixels image, List<Geometry> moves, boolean isByCentre) {
        this(image, moves, isByCentre, Optional.empty());
    }

    /** An image that objects follow as far as they are seen. */
    public Augmented(Pixels image, List<Geometry> moves) {
        this(image, moves, false);
    }

    /** An image that was deformed. */
    public static Augmented warped(Pixels image, Warp warp) {
        return new Augmented(image, List.of(), false, Optional.of(warp));
    }

    /** An image whose pixels are where they were: as it was, or with other colours. */
    public static Augmented inPlace(Pixels image) {
        return new Augmented(image, List.of());
    }

    /** An image whose pixels come from elsewhere. */
    public static Augmented moved(Pixels image, Geometry move) {
        return new Augmented(image, List.of(move));
    }

    /**
     * Returns what was made of this image afterwards, with the ways of the pixels through both changes.
     *
     * @throws IllegalArgumentException if something moves after a deformation
     */
    public Augmented then(Augmented next) {
        if (warp.isPresent() && !(next.moves.isEmpty() && next.warp.isEmpty())) {
            throw new IllegalArgumentException("expected nothing that moves pixels after a deformation in one change");
        }
        return new Augmented(
                next.image,
                Stream.concat(moves.stream(), next.moves.stream()).toList(),
                isByCentre || next.isByCentre,
                warp.or(() -> next.warp));
    }

    /**
     * Moves objects likewise; of what left the image on the way nothing comes back.
     *
     * @param objects of the image before
     * @return those still seen in the image now
     */
    public ImageObjects follow(ImageObjects objects) {
        ImageObjects moved = objects;
        for (Geometry move : moves) {
            moved = (isByCentre ? moved.centredIn(move) : moved).moved(move);
        }
        return warp.isPresent() ? warp.get().follow(moved) : moved;
    }

    /**
     * Moves what belongs to the image likewise; what left the image on the way does not come back.
     *
     * @param labels a map of the size of the image before
     * @return one of the size of the image now, ignored where nothing came from
     */
    public LabelMap follow(LabelMap labels) {
        LabelMap moved = labels;
        for (Geometry move : moves) {
            moved = moved.moved(move);
        }
        return warp.isPresent() ? warp.get().follow(moved) : moved;
    }
}
