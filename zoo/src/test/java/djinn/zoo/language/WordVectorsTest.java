package djinn.zoo.language;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WordVectorsTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void wordsAroundTellTheOneInTheMiddleAsInPytorch() {
        Recorded recorded = Recorded.of(manager, "word_vectors", "cbow");
        WordVectors vectors = new WordVectors(11, 6);
        recorded.assertSame(
                vectors,
                pass -> new NDList(vectors.forward(
                        recorded.indices("words"), recorded.indices("candidates"), recorded.indices("padding"), pass)));
    }

    @Test
    void theWordInTheMiddleTellsThoseAroundAsInPytorch() {
        Recorded recorded = Recorded.of(manager, "word_vectors", "skip_gram");
        WordVectors vectors = new WordVectors(11, 6);
        recorded.assertSame(
                vectors,
                pass -> new NDList(vectors.forward(
                        recorded.indices("words").get(":, 0:1"), recorded.indices("candidates"), null, pass)));
    }

    @Test
    void aWordIsItsRowOfTheInput() {
        WordVectors vectors = Recorded.filled(manager, new WordVectors(11, 6));
        NDArray rows = vectors.getParameters().get("input.weight").getArray();
        NDArray found = vectors.vectors(manager.create(new long[] {7, 2}), Recorded.pass(manager, false));
        assertThat(found.getShape()).isEqualTo(new Shape(2, 6));
        assertThat(found.get(0).toFloatArray()).containsExactly(rows.get(7).toFloatArray());
        assertThat(found.get(1).toFloatArray()).containsExactly(rows.get(2).toFloatArray());
    }

    /** word2vec's start: every score is zero, whose sigmoid is a half. */
    @Test
    void startsWithoutAnOpinion() {
        WordVectors vectors = new WordVectors(50, 10);
        vectors.initialize(manager);
        NDArray input = vectors.getParameters().get("input.weight").getArray();
        assertThat(input.abs().max().getFloat()).isLessThanOrEqualTo(.05f).isGreaterThan(.04f);
        NDArray scores = vectors.forward(
                manager.create(new long[] {3}, new Shape(1, 1)),
                manager.create(new long[] {4, 9}, new Shape(1, 2)),
                null,
                Recorded.pass(manager, false));
        assertThat(scores.toFloatArray()).containsExactly(0, 0);
    }
}
