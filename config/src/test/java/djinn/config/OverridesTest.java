package djinn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.Default;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who is at fault where a document and what is set beside it do not fit. */
class OverridesTest {

    record Train(
            @Default("10") int epochs,
            @Default("0") double ema,
            @Default("0") int swa) {

        Train {
            if (epochs < 1) {
                throw new IllegalArgumentException("expected epochs of at least 1, got " + epochs);
            }
            if (ema > 0 && swa > 0) {
                throw new IllegalArgumentException("expected ema or swa, got both");
            }
        }
    }

    sealed interface Rule permits Sgd, Adam {}

    record Sgd(@Default("0.1") double lr, @Default("0.9") double momentum) implements Rule {}

    record Adam(@Default("0.1") double lr) implements Rule {}

    record Named(String name, @Default("3") int channels) {}

    record Recipe(
            Train train,
            @Default("sgd") Rule optimizer,
            @Default("{name: a}") Named model) {}

    private static final RecordBinder BINDER = new RecordBinder(
                    Map.of(Rule.class, Map.of("sgd", Sgd.class, "adam", Adam.class)))
            .listedBy("'djinn recipes' lists them");

    private static Recipe bind(String text, String... settings) {
        return new Overrides(List.of(settings))
                .bind(Yaml.parse("r.yaml", text), document -> BINDER.bind(document, Recipe.class));
    }

    private static void refused(String message, String text, String... settings) {
        assertThatThrownBy(() -> bind(text, settings))
                .isInstanceOf(RecipeException.class)
                .hasMessage(message);
    }

    @Test
    void allAreAppliedInOrder() {
        assertThat(bind("train: {epochs: 3}", "train.epochs=4", "train.ema=0.5", "train.epochs=5")
                        .train())
                .isEqualTo(new Train(5, .5, 0));
    }

    @Test
    void anOverrideThatSpoilsAGoodDocumentIsTold() {
        refused(
                "--set train.epochs=0: train: expected epochs of at least 1, got 0",
                "train:\n  ema: 0.5\n",
                "train.swa=0",
                "train.epochs=0");
        refused("--set train.swa=2: train: expected ema or swa, got both", "train: {ema: 0.5}", "train.swa=2");
        refused(
                "--set optimizer.name=adam: optimizer.momentum: unknown key 'momentum', the keys here are name, lr"
                        + " (r.yaml:2:13)",
                "train: {}\noptimizer: {momentum: 0.5, name: sgd}",
                "optimizer.name=adam");
    }

    @Test
    void whatOnlySeveralTogetherSpoilIsToldOfAllOfThem() {
        refused(
                "--set train.ema=0.5 --set train.swa=2: train: expected ema or swa, got both",
                "train: {}",
                "train.ema=0.5",
                "train.epochs=2",
                "train.swa=2");
    }

    /** Both are mistakes, and the one that was met first is told. */
    @Test
    void ofSeveralMistakesTheOneThatIsToldIsNamed() {
        refused(
                "--set train.epochs=-1: train: expected epochs of at least 1, got -1",
                "train: {ema: 0.5}",
                "train.swa=2",
                "train.epochs=-1");
    }

    @Test
    void aDocumentThatIsWrongByItselfIsTold() {
        refused("r.yaml:1:8: train: expected epochs of at least 1, got 0", "train: {epochs: 0}", "optimizer.lr=1");
        refused("r.yaml:1:1: train: missing key 'train', expected a mapping", "", "optimizer.lr=1");
        // and cured by an override it is right
        assertThat(bind("train: {epochs: 0}", "train.epochs=1").train().epochs())
                .isEqualTo(1);
    }

    @Test
    void overridesAreCalledWhatTheirUserCalledThem() {
        assertThatThrownBy(() -> bind("train: {}", "train.epochs=0"))
                .isInstanceOfSatisfying(
                        RecipeException.class,
                        e -> assertThat(e.message(override -> "<" + override + ">"))
                                .isEqualTo("<train.epochs=0>: train: expected epochs of at least 1, got 0"));
        assertThatThrownBy(() -> bind("train: {epochs: x}"))
                .isInstanceOfSatisfying(
                        RecipeException.class,
                        e -> assertThat(e.message(override -> "<" + override + ">"))
                                .isEqualTo("r.yaml:1:17: train.epochs: expected a whole number, got 'x'"));
    }

    @Test
    void aKeyInTheWrongPlaceIsToldTheRightOne() {
        refused("r.yaml:2:1: lr: unknown key 'lr', did you mean 'optimizer.lr'?", "train: {}\nlr: 1");
        refused("--set epochs=1: epochs: unknown key 'epochs', did you mean 'train.epochs'?", "train: {}", "epochs=1");
        refused("--set epoch=1: epoch: unknown key 'epoch', did you mean 'train.epochs'?", "train: {}", "epoch=1");
        refused(
                "--set train.momentum=1: train.momentum: unknown key 'momentum', did you mean 'optimizer.momentum'?",
                "train: {}",
                "train.momentum=1");
        refused(
                "--set model=unet: model: expected a mapping, got 'unet', did you mean 'model.name'?",
                "train: {}",
                "model=unet");
    }
}
