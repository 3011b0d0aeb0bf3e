package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.golden.Golden;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * BLEU and chrF against sacrebleu's. The record was written by a few lines of Python over sentences made for it: for each
 * corpus {@code BLEU()}, {@code BLEU(tokenize="none")}, {@code CHRF()} and {@code CHRF(word_order=2)}, their {@code
 * corpus_score} and their signatures without the version.
 */
class TranslationFiguresTest {

    private static final JsonNode RECORD = Golden.read("translations.json");

    @Test
    void figuresAndSignaturesAreSacrebleus() {
        assertThat(RECORD.get("corpora").size()).isGreaterThan(40);
        for (JsonNode corpus : RECORD.get("corpora")) {
            Bleu bleu = new Bleu();
            check(corpus, "bleu", fed(bleu, corpus), bleu.signature());
            Bleu words = new Bleu(Bleu.Tokenizer.NONE);
            check(corpus, "bleu_none", fed(words, corpus), words.signature());
            ChrF characters = new ChrF();
            check(corpus, "chrf", fed(characters, corpus), characters.signature());
            ChrF both = ChrF.withWords();
            check(corpus, "chrf_words", fed(both, corpus), both.signature());
        }
    }

    @Test
    void halvesMergeToTheWholeAndKeepTheSignature() {
        // one where segments have one and two references
        JsonNode corpus = RECORD.get("corpora").get(2);
        for (ToDoubleFunction<List<Integer>> merged : List.<ToDoubleFunction<List<Integer>>>of(
                parts -> {
                    Bleu all = new Bleu();
                    parts.forEach(n -> {
                        Bleu one = new Bleu();
                        one.add(hypothesis(corpus, n), references(corpus, n));
                        all.merge(one.state());
                    });
                    assertThat(all.signature())
                            .isEqualTo(corpus.get("bleu_signature").asString());
                    return all.value() - corpus.get("bleu").asDouble();
                },
                parts -> {
                    ChrF all = new ChrF();
                    parts.forEach(n -> {
                        ChrF one = new ChrF();
                        one.add(hypothesis(corpus, n), references(corpus, n));
                        all.merge(one.state());
                    });
                    assertThat(all.signature())
                            .isEqualTo(corpus.get("chrf_signature").asString());
                    return all.value() - corpus.get("chrf").asDouble();
                })) {
            assertThat(merged.applyAsDouble(List.of(0, 1))).isCloseTo(0, within(1e-9));
        }
    }

    @Test
    void nothingIsNoFigureAndASegmentNeedsAReference() {
        assertThat(new Bleu().value()).isNaN();
        assertThat(new ChrF().value()).isNaN();
        assertThat(new ChrF().signature()).startsWith("nrefs:0|");
        assertThatThrownBy(() -> new ChrF().add("a", List.of())).hasMessageContaining("got 0");
    }

    private static double fed(Metric metric, JsonNode corpus) {
        for (int n = 0; n < corpus.get("hypotheses").size(); n++) {
            if (metric instanceof Bleu bleu) {
                bleu.add(hypothesis(corpus, n), references(corpus, n));
            } else {
                ((ChrF) metric).add(hypothesis(corpus, n), references(corpus, n));
            }
        }
        return metric.value();
    }

    private static void check(JsonNode corpus, String name, double figure, String signature) {
        String what = name + " of " + corpus.get("hypotheses");
        assertThat(figure).as(what).isCloseTo(corpus.get(name).asDouble(), within(1e-9));
        assertThat(signature).as(what).isEqualTo(corpus.get(name + "_signature").asString());
    }

    private static String hypothesis(JsonNode corpus, int n) {
        return corpus.get("hypotheses").get(n).asString();
    }

    private static List<String> references(JsonNode corpus, int n) {
        return StreamSupport.stream(corpus.get("references").get(n).spliterator(), false)
                .map(JsonNode::asString)
                .toList();
    }
}
