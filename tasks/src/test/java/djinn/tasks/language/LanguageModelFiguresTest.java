package djinn.tasks.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.data.Batches;
import djinn.data.text.TokenBatch;
import djinn.data.text.TokenFeed;
import djinn.data.text.TokenSequence;
import djinn.ops.PyTorch;
import djinn.training.Outcome;
import org.junit.jupiter.api.Test;

class LanguageModelFiguresTest {

    /** Six tokens at 2 nats and one at 9: 3 nats a token, a perplexity of e^3. */
    @Test
    void everyTokenCountsAlike() {
        TokenFeed feed = TokenFeed.heldOut(TokenSequence.of(0, 1, 2, 0, 1, 2, 0, 1), 3, 2);
        double[] losses = {2, 9};
        try (LanguageModelFigures figures = new LanguageModelFigures(3, .5);
                NDManager manager = PyTorch.newManager();
                Batches<TokenBatch> batches = feed.batches(0, 0)) {
            for (double loss : losses) {
                try (TokenBatch batch = batches.next()) {
                    figures.add(batch, Outcome.of(manager.create((float) loss), new NDList()));
                }
            }

            assertThat(figures.values().keySet()).containsExactly("loss", "perplexity", "bits_per_character");
            assertThat(figures.values().get("loss")).isCloseTo(3, within(1e-9));
            assertThat(figures.values().get("perplexity")).isCloseTo(Math.exp(3), within(1e-9));
            // a token is two characters: 1.5 nats each
            assertThat(figures.values().get("bits_per_character")).isCloseTo(1.5 / Math.log(2), within(1e-9));
        }
    }

    @Test
    void savedFiguresAreMerged() {
        try (LanguageModelFigures first = new LanguageModelFigures(3, .5);
                LanguageModelFigures second = new LanguageModelFigures(3, .5)) {
            first.add(1, 10);
            second.add(4, 5);

            second.merge(first.state());

            assertThat(second.values().get("loss")).isCloseTo(2, within(1e-9));
            assertThat(second.values().get("perplexity")).isCloseTo(Math.exp(2), within(1e-9));
        }
    }
}
