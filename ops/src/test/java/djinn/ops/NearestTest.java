package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
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

    @Test
    void asksForAllThatAreAsNearAndForThoseThatAreCalledMuchTheSame() {
        List<String> models = List.of("vgg16", "resnet18", "resnet34", "wide_resnet50", "yolov3", "yolov4", "nin");
        assertThat(Nearest.suggestion("yolov5", models, "expected one of "))
                .isEqualTo("did you mean 'yolov3' or 'yolov4'?");
        assertThat(Nearest.suggestion("ResNet", models, "expected one of "))
                .isEqualTo("did you mean 'resnet18' or 'resnet34'?");
        assertThat(Nearest.suggestion("nin-network-in-network", models, "expected one of "))
                .isEqualTo("did you mean 'nin'?");
        assertThat(Nearest.suggestion("--batch", List.of("--watch", "--batch-size"), "expected one of "))
                .isEqualTo("did you mean '--batch-size'?");
        assertThat(Nearest.suggestion("vg", models, "expected one of ")).startsWith("expected one of vgg16, ");
    }

    @Test
    void ofVeryManyNamesTheFirstAreToldAndWhatListsThem() {
        List<String> models =
                IntStream.range(0, 100).mapToObj(i -> "network_" + i).toList();
        assertThat(Nearest.suggestion("zzz", models, "expected one of ", "'djinn models' lists them"))
                .isEqualTo("expected one of network_0, network_1, network_2, network_3, network_4, network_5,"
                        + " network_6 and 93 more; 'djinn models' lists them");
        assertThat(Nearest.suggestion("network", models, "expected one of ", "'djinn models' lists them"))
                .isEqualTo("did you mean 'network_0', 'network_1' or 'network_2'?; 'djinn models' lists them");
        assertThat(Nearest.suggestion("netwrk_17", models, "expected one of ", "'djinn models' lists them"))
                .isEqualTo("did you mean 'network_17'?");
    }

    @Test
    void aListIsToldWholeWhereALineHoldsIt() {
        assertThat(Few.of(List.of())).isEmpty();
        assertThat(Few.of(List.of("crop", "flip"))).isEqualTo("crop, flip");
        String longest = "x".repeat(300);
        assertThat(Few.of(List.of(longest))).isEqualTo(longest);
        assertThat(Few.of(List.of(longest, "y"))).isEqualTo(longest + " and 1 more");
    }
}
