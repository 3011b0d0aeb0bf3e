package djinn.tasks.imagetranslation;

import djinn.data.Pixels;
import djinn.tasks.exhibit.ShownPixels;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Verdict;
import djinn.zoo.generative.CycleGan.Direction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What of trained generators that translate images is worth a look: images, what they become, and what comes back. */
final class ImageTranslationExhibits {

    private ImageTranslationExhibits() {}

    /**
     * Returns a gallery for each direction that has images.
     *
     * @param columns held-out images of the domain that it begins with, what they become, and what comes back
     */
    static List<Exhibit> of(Function<Direction, List<List<Pixels>>> columns) {
        List<Exhibit> all = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            List<List<Pixels>> own = columns.apply(direction);
            List<Gallery.Picture> shown = IntStream.range(0, own.get(0).size())
                    .mapToObj(row -> new Gallery.Picture(
                            "held-out image " + (row + 1),
                            "",
                            ShownPixels.beside(
                                    own.stream().map(column -> column.get(row)).toList()),
                            Verdict.NONE))
                    .toList();
            if (!shown.isEmpty()) {
                all.add(new Gallery(
                        direction == Direction.A_TO_B ? "From a to b" : "From b to a",
                        "The first held-out images of the domain, what each becomes in the other, and what comes back of"
                                + " that",
                        shown));
            }
        }
        return all;
    }
}
