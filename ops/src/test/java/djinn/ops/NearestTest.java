package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {

    private static final List<String> KEYS =
            List.of("learning_rate", "momentum", "optimizer", "weight_decay", "epochs", "lr", "k");

    @ParameterizedTest
    @CsvSource({
        "lerning_rate, learning_rate",
        "momentun, momentum",
        "opitmizer, optimizer",
        "weight-decay, weight_decay",
        "weightDecay, weight_decay",
        "MOMENTUM, momentum",
        "epoch, epochs",
        "lt, lr",
        "learning_rate, learning_rate"
    })
    void findsWhatWasMeant(String word, String meant) {
        assertThat(Nearest.of(word, KEYS)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"schedule", "p", "ab", "warmup_delay", "''"})
    void findsNothingFarAway(String word) {
        assertThat(Nearest.of(word, KEYS)).isEmpty();
    }

    @Test
    void prefersTheNearerAndThenTheFirst() {
        assertThat(Nearest.of("betas", List.of("beta", "bets", "betas"))).contains("betas");
        assertThat(Nearest.of("bera", List.of("beta", "bega"))).contains("beta");
        assertThat(Nearest.of("beta", List.of())).isEmpty();
    }

    @Test
    void suggestsAllNamesWhereNoneIsNear() {
        assertThat(Nearest.suggestion("crup", List.of("crop", "flip"), "expected one of "))
                .isEqualTo("did you mean 'crop'?");
        assertThat(Nearest.suggestion("mixup", List.of("crop", "flip"), "expected one of "))
                .isEqualTo("expected one of crop, flip");
    }
}
