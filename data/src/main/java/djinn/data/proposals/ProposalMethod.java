package djinn.data.proposals;

import djinn.data.Pixels;
import djinn.ops.Box;
import djinn.ops.BoxGrid;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** How boxes are proposed. */
public enum ProposalMethod {

    /** What hangs together by colour, texture, size and shape: see {@link SelectiveSearch}. */
    SELECTIVE_SEARCH {
        @Override
        List<Proposal> all(Pixels image) {
            return SelectiveSearch.FAST.propose(image);
        }
    },
    /** The same windows in all images, the largest first: see {@link BoxGrid}. */
    GRID {
        @Override
        List<Proposal> all(Pixels image) {
            List<Box> boxes = BoxGrid.of(image.height(), image.width());
            return IntStream.range(0, boxes.size())
                    .mapToObj(i -> new Proposal(boxes.get(i), 1. / (1 + i)))
                    .toList();
        }
    };

    abstract List<Proposal> all(Pixels image);

    /**
     * Proposes boxes; the same of equal images.
     *
     * @param image of any size
     * @param most how many at most, at least 1
     * @return all different, of some area, within the image, by falling score
     */
    public List<Proposal> propose(Pixels image, int most) {
        List<Proposal> all = all(image);
        return List.copyOf(all.subList(0, Math.min(most, all.size())));
    }

    /** Returns the name in recipes. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
