package djinn.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import djinn.data.Batches;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LabelledTextsTest {

    private static final TextShares SHARES = new TextShares(.2, .1, 5);

    @Test
    void aTextsPartFollowsFromItAlone() {
        LabelledTexts texts = LabelledTexts.split("sentences", SentenceKinds.texts(), SHARES);
        assertThat(texts.classes()).containsExactly("command", "question", "statement");
        assertThat(texts.validation().size()).isBetween(300, 420);
        assertThat(texts.test().size()).isBetween(130, 230);
        assertThat(texts.counts().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(texts.train().size());
        // twice the texts: the same ones in each part, and equal ones in one
        List<LabelledText> twice = Stream.concat(SentenceKinds.texts().stream(), SentenceKinds.texts().stream())
                .toList();
        LabelledTexts doubled = LabelledTexts.split("sentences", twice, SHARES);
        assertThat(texts(doubled.validation())).isEqualTo(texts(texts.validation()));
        assertThat(texts(doubled.train())).doesNotContainAnyElementsOf(texts(doubled.validation()));
        assertThat(doubled.fingerprint()).isNotEqualTo(texts.fingerprint()).hasSize(64);
    }

    private static Set<String> texts(List<LabelledText> part) {
        return new HashSet<>(part.stream().map(LabelledText::text).toList());
    }

    @Test
    void sentencesOfTwoKindsHaveTheSameWords() {
        Set<String> statements = words("statement");
        assertThat(statements).isEqualTo(words("question")).hasSizeGreaterThan(15);
        assertThat(SentenceKinds.texts()).hasSize(1800).doesNotHaveDuplicates();
    }

    private static Set<String> words(String label) {
        return new HashSet<>(SentenceKinds.texts().stream()
                .filter(text -> text.label().equals(label))
                .flatMap(text -> Stream.of(text.text().split(" ", -1)))
                .toList());
    }

    @Test
    void batchesAreOfLikeLengthsAndHaveEveryTextOnce() {
        List<TextBatch.Example> examples = IntStream.range(0, 103)
                .mapToObj(i -> new TextBatch.Example(
                        TokenSequence.of(IntStream.rangeClosed(0, i * 7 % 30).toArray()), i))
                .toList();
        TextFeed feed = TextFeed.training(examples, 9, 10, 2);
        assertThat(feed.batchesPerEpoch()).isEqualTo(11);
        List<Integer> first = labels(feed, 0);
        assertThat(first)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 103).boxed().toList());
        assertThat(labels(feed, 0)).isEqualTo(first);
        assertThat(labels(feed, 1)).isNotEqualTo(first);
        int places = 0;
        int tokens = 0;
        try (Batches<TextBatch> batches = feed.batches(3, 0);
                NDManager manager = PyTorch.newManager()) {
            while (batches.hasNext()) {
                TextBatch batch = batches.next();
                places += batch.size() * batch.length();
                long[] padding = batch.padding(manager).toLongArray();
                tokens += (int) IntStream.range(0, padding.length)
                        .filter(i -> padding[i] == 0)
                        .count();
                long[] numbers = batch.tokens(manager).toLongArray();
                for (int i = 0; i < numbers.length; i++) {
                    assertThat(numbers[i]).isEqualTo(padding[i] == 1 ? 0 : i % batch.length());
                }
            }
        }
        assertThat(tokens)
                .isEqualTo(examples.stream()
                        .mapToInt(example -> example.tokens().size())
                        .sum());
        // in an order of chance a batch of ten would have about 1.8 places a token
        assertThat((double) places / tokens).isLessThan(1.25);
        assertThatThrownBy(() -> TextFeed.heldOut(examples, 0)).hasMessageContaining("batch size");
    }

    private static List<Integer> labels(TextFeed feed, int epoch) {
        List<Integer> labels = new ArrayList<>();
        try (Batches<TextBatch> batches = feed.batches(epoch, 0)) {
            while (batches.hasNext()) {
                for (int label : batches.next().labels()) {
                    labels.add(label);
                }
            }
        }
        return labels;
    }
}
