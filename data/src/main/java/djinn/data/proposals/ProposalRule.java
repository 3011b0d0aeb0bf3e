package djinn.data.proposals;

import djinn.data.Pixels;
import djinn.ops.Box;
import java.util.List;
import java.util.stream.Stream;

/**
 * How boxes are proposed where no file has them.
 *
 * @param method how
 * @param most how many of an image at most, at least 1
 */
public record ProposalRule(ProposalMethod method, int most) {

    /** The paper's 2,000 of selective search. */
    public static final ProposalRule USUAL = new ProposalRule(ProposalMethod.SELECTIVE_SEARCH, 2000);

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public ProposalRule {
        if (most < 1) {
            throw new IllegalArgumentException("expected most of at least 1, got " + most);
        }
    }

    /** Proposes boxes of an image, the best first. */
    public List<Box> boxes(Pixels image) {
        return method.propose(image, most).stream().map(Proposal::box).toList();
    }

    /** Returns it in a line, such as {@code selective_search 2000}. */
    public String text() {
        return method.text() + " " + most;
    }

    /**
     * Reads what {@link #text} gives.
     *
     * @throws IllegalArgumentException if it is no such line
     */
    public static ProposalRule of(String text) {
        String[] words = text.split(" ", -1);
        boolean isNumber = words.length == 2 && words[1].matches("[0-9]{1,9}");
        return Stream.of(ProposalMethod.values())
                .filter(method -> isNumber && method.text().equals(words[0]))
                .findFirst()
                .map(method -> new ProposalRule(method, Integer.parseInt(words[1])))
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected a method and a number, such as " + USUAL.text() + ", got " + text));
    }
}
