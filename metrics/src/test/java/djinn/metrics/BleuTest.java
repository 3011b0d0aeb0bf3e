package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BleuTest {

    @Test
    void aCorpusByHand() {
        Bleu bleu = new Bleu(Bleu.Tokenizer.NONE);
        // 1-grams: the the cat on mat, not sat: 5 of 6; 2-grams: the cat, on the, the mat: 3 of 5;
        // 3-grams: on the mat: 1 of 4; 4-grams: 0 of 3; the closest reference has 6 tokens
        bleu.add("the cat sat on the mat", List.of("there is a cat on the mat", "the cat is on the mat"));
        assertThat(bleu.state()).containsExactly(6, 6, 5, 3, 1, 0, 6, 5, 4, 3, 2, 2);
        // 1-grams 3 of 3; 2-grams: dog runs: 1 of 2; 3-grams 0 of 1; no 4-gram; 3 tokens against 5
        bleu.add("a dog runs", List.of("a big dog runs fast"));
        assertThat(bleu.state()).containsExactly(9, 11, 8, 4, 1, 0, 9, 7, 5, 3, 1, 2);
        assertThat(bleu.brevityPenalty()).isCloseTo(Math.exp(1 - 11 / 9.), within(1e-12));
        // the order without a match counts as 1 / (2 * 3)
        double mean = Math.pow(8 / 9. * 4 / 7. * 1 / 5. * 1 / 6., .25);
        assertThat(bleu.value()).isCloseTo(100 * Math.exp(1 - 11 / 9.) * mean, within(1e-9));
    }

    @Test
    void aWordCountsAtMostAsOftenAsInOneReference() {
        Bleu bleu = new Bleu(Bleu.Tokenizer.NONE);
        // Papineni et al. 2002, example 2: modified unigram precision 2/7
        bleu.add("the the the the the the the", List.of("the cat is on the mat", "there is a cat on the mat"));
        assertThat(bleu.state()).containsExactly(7, 7, 2, 0, 0, 0, 7, 6, 5, 4, 2, 2);
    }

    @Test
    void everyFurtherOrderWithoutAMatchCountsHalf() {
        Bleu bleu = new Bleu(Bleu.Tokenizer.NONE);
        bleu.add("a x b y", List.of("a b z w"));
        // 2 of 4, then none of 3, 2 and 1
        double product = 2 / 4. * 1 / (2. * 3) * 1 / (4. * 2) * 1 / (8. * 1);
        assertThat(bleu.value()).isCloseTo(100 * Math.pow(product, .25), within(1e-9));
    }

    @Test
    void ofEquallyCloseReferencesTheShorterOneGivesTheLength() {
        Bleu bleu = new Bleu(Bleu.Tokenizer.NONE);
        bleu.add("a b c", List.of("a b c d", "a b"));
        assertThat(bleu.state()[1]).isEqualTo(2);
    }

    @Test
    void theExtremes() {
        Bleu same = new Bleu();
        same.add("It is what it is.", List.of("It is what it is."));
        assertThat(same.value()).isCloseTo(100, within(1e-9));
        Bleu nothing = new Bleu();
        nothing.add("", List.of("Something"));
        assertThat(nothing.value()).isZero();
        Bleu foreign = new Bleu();
        foreign.add("a b c d e", List.of("v w x y z"));
        assertThat(foreign.value()).isZero();
        Bleu brief = new Bleu();
        brief.add("a b c", List.of("a b c"));
        assertThat(brief.value()).as("no 4-gram at all").isZero();
        assertThatThrownBy(() -> new Bleu().add("a", List.of())).hasMessageContaining("got 0");
    }

    /** The example of sacrebleu's README, and the figures of its tests. */
    @Test
    void theExampleOfSacrebleu() {
        Map<Bleu.Tokenizer, Double> figures = Map.of(Bleu.Tokenizer.V13A, 48.530827, Bleu.Tokenizer.NONE, 49.1919566);
        figures.forEach((tokenizer, figure) -> {
            Bleu bleu = new Bleu(tokenizer);
            bleu.add("The dog bit the man.", List.of("The dog bit the man.", "The dog had bit the man."));
            bleu.add("It wasn't surprising.", List.of("It was not unexpected.", "No one was surprised."));
            bleu.add("The man had just bitten him.", List.of("The man bit him first.", "The man had bitten the dog."));
            assertThat(bleu.value()).isCloseTo(figure, within(1e-6));
        });
    }

    @Test
    void tokensOf13a() {
        Map<String, String> tokens = Map.of(
                "It wasn't well-known.", "It wasn't well-known .",
                "1,000.5 cats, and 3-4 dogs", "1,000.5 cats , and 3 - 4 dogs",
                "in 1984.", "in 1984 .",
                "&quot;A&amp;B&quot; &lt;c&gt;", "\" A & B \" < c >",
                "100% of $5/day (net)", "100 % of $ 5 / day ( net )",
                "U.S. is", "U . S . is",
                "inter-\nnational\nlaw<skipped>", "international law",
                " wide\u00a0space\t", "wide space",
                "{x}~[y]`^_\\", "{ x } ~ [ y ] ` ^ _ \\");
        tokens.forEach((text, expected) ->
                assertThat(String.join(" ", Bleu.Tokenizer.V13A.tokens(text))).isEqualTo(expected));
        assertThat(Bleu.Tokenizer.V13A.tokens("  ")).isEmpty();
        assertThat(Bleu.Tokenizer.NONE.tokens(" a,b  c. ")).containsExactly("a,b", "c.");
    }
}
