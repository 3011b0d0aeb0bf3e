package djinn.tasks.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.config.RecipeException;
import djinn.ops.DataException;
import djinn.tasks.Recipes;
import djinn.tasks.TinyRun;
import djinn.tasks.TinyRun.Killed;
import djinn.tasks.TrainingRun;
import djinn.tasks.track.StrictMlflow.Failure;
import djinn.tasks.track.StrictMlflow.Metric;
import djinn.tasks.track.StrictMlflow.Run;
import djinn.training.TrainingEvent;
import djinn.training.run.RunFolder;
import djinn.training.track.Mlflow;
import djinn.training.track.TrackedRun;
import djinn.training.track.Tracker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What a server has of a training, whatever became of the server or the training. */
class MlflowTest {

    @TempDir
    private Path folder;

    private StrictMlflow server;
    private TinyRun tiny;

    @BeforeEach
    void start() {
        server = new StrictMlflow();
        tiny = new TinyRun(folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String logTo() {
        return "train.log_to=[jsonl, {name: mlflow, uri: '" + server.uri() + "', experiment: tiny}]";
    }

    private Mlflow settings() {
        return new Mlflow(Optional.of(server.uri()), Optional.of("tiny"), false);
    }

    private static List<String> warnings(List<TrainingEvent> events) {
        return events.stream()
                .filter(TrainingEvent.Warned.class::isInstance)
                .map(event -> ((TrainingEvent.Warned) event).message())
                .toList();
    }

    /** The figures of a run by name, each in the order it came, as floats: a file has as many digits as tell these apart. */
    private static Map<String, List<String>> series(Run run) {
        return run.metrics.stream()
                .collect(Collectors.groupingBy(
                        Metric::key,
                        TreeMap::new,
                        Collectors.mapping(
                                metric -> metric.step() + ": " + (float) metric.value(), Collectors.toList())));
    }

    /** The same of {@code metrics.jsonl}, which is written at once. */
    private static Map<String, List<String>> lines(Path run) throws IOException {
        ObjectMapper json = new ObjectMapper();
        Map<String, List<String>> series = new TreeMap<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode event = json.readTree(line);
            event.path("values")
                    .properties()
                    .forEach(figure -> series.computeIfAbsent(figure.getKey(), key -> new ArrayList<>())
                            .add(event.path("step").asLong() + ": "
                                    + (float) figure.getValue().asDouble()));
        }
        return series;
    }

    private void requireWhole(Path path) throws IOException {
        Run run = server.soleRun();
        assertThat(series(run)).isEqualTo(lines(path)).isNotEmpty();
        assertThat(run.params).containsEntry("optimizer.lr", "0.01").containsEntry("train.log_to.0.name", "jsonl");
        for (String file : List.of("recipe.yaml", "results.csv", "curves.png", "confusion_matrix.png")) {
            assertThat(server.artifacts.get(run.experiment + "/" + run.id + "/artifacts/" + file))
                    .as(file)
                    .isEqualTo(Files.readAllBytes(path.resolve(file)));
        }
    }

    @Test
    void aTrainingIsARunOfTheServer() throws IOException {
        Path run = tiny.train("all", logTo());
        requireWhole(run);
        assertThat(server.soleRun().name).isEqualTo("all");
        assertThat(server.experiments).containsKeys("Default", "tiny");
        assertThat(server.soleRun().statuses).containsExactly("RUNNING", "FINISHED");
        assertThat(server.soleRun().ended).isPositive();
        assertThat(server.soleRun().tags.get("mlflow.note.content")).contains("30 training and 9 validation images");
        assertThat(server.artifacts.keySet()).noneMatch(name -> name.endsWith("best.safetensors"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aServerThatDiesAmidABatchMissesNothingAndGetsNothingTwice(boolean halves) throws IOException {
        server.losesAnswers = 1;
        server.halves = halves;
        List<TrainingEvent> events = new ArrayList<>();
        Path run = tiny.train("dies", tiny.recipe(logTo()), (event, training) -> {
            events.add(event);
            if (event instanceof TrainingEvent.EpochEnded epoch && epoch.epoch() == 1) {
                server.comeBack();
            }
        });
        requireWhole(run);
        assertThat(server.soleRun().statuses).endsWith("FINISHED");
        assertThat(warnings(events)).hasSize(1);
        assertThat(events).contains(new TrainingEvent.Noted("mlflow: " + server.uri() + " answers again"));
    }

    @Test
    void whatAServerMissesIsSentOnceItIsBack() throws IOException {
        server.die();
        List<TrainingEvent> events = new ArrayList<>();
        Path run = tiny.train("away", tiny.recipe(logTo()), (event, training) -> events.add(event));
        assertThat(warnings(events)).hasSize(2);
        assertThat(warnings(events).get(0))
                .startsWith("mlflow: " + server.uri() + ": nobody listens there; what it misses is kept in ");
        assertThat(warnings(events).get(1)).contains(" entries and ", "'djinn track " + run + "' sends them");

        Mlflow.HandedOn still = settings().handOn(run, Map.of());
        assertThat(still.sent()).isZero();
        assertThat(still.waiting()).isPositive();
        assertThat(still.news()).hasSize(1);

        server.comeBack();
        Mlflow.HandedOn sent = settings().handOn(run, Map.of());
        assertThat(sent.sent()).isEqualTo(still.waiting());
        assertThat(sent.waiting()).isZero();
        requireWhole(run);
        assertThat(settings().handOn(run, Map.of())).isEqualTo(new Mlflow.HandedOn(0, 0, List.of()));
        requireWhole(run);
    }

    @Test
    void goingOnSendsWhatWaitsAndStaysInTheSameRun() throws IOException {
        server.die();
        Path run = tiny.train("longer", "train.epochs=2", logTo());
        server.comeBack();
        assertThat(TinyRun.resume(run, "train.epochs=3")).isEmpty();
        requireWhole(run);
        assertThat(server.soleRun().statuses).containsExactly("RUNNING", "FINISHED", "RUNNING", "FINISHED");
        assertThat(server.soleRun().params).containsEntry("train.epochs", "2");
        assertThat(server.soleRun().tags).containsEntry("changed.train.epochs", "3");
    }

    @Test
    void aTrainingThatWasKilledWritesNoStepTwice() throws IOException {
        Path run = tiny.train("killed", tiny.recipe(logTo()), (event, training) -> {
            if (event instanceof TrainingEvent.EpochWeights && training.folder().isTrained()) {
                throw new Killed();
            }
        });
        assertThat(server.soleRun().statuses).containsExactly("RUNNING");
        TinyRun.resume(run);
        Map<String, List<String>> expected = lines(run);
        assertThat(series(server.soleRun())).isEqualTo(expected);
        assertThat(expected.get("val/loss")).hasSize(3);
        assertThat(server.soleRun().statuses).containsExactly("RUNNING", "RUNNING", "FINISHED");
    }

    @Test
    void howATrainingEndedIsTold() {
        Path stopped = tiny.train("stopped", tiny.recipe(logTo()), (event, training) -> {
            if (event instanceof TrainingEvent.EpochEnded) {
                training.stop();
            }
        });
        assertThat(server.soleRun().statuses).containsExactly("RUNNING", "KILLED");
        assertThat(stopped).exists();
        TrainingRun diverges = TrainingRun.start(
                tiny.recipe(logTo(), "optimizer={name: sgd, lr: 1e30}"), tiny.runs(), "diverges", List.of());
        assertThatThrownBy(diverges::fit).hasMessageContaining("try a lower optimizer.lr");
        Run failed = server.runs.get("r2");
        assertThat(failed.statuses).containsExactly("RUNNING", "FAILED");
        assertThat(failed.tags.get("mlflow.note.content")).contains("failed: the loss became");
    }

    @Test
    void oneRunIsMadeEvenIfTheAnswerIsLost() throws IOException {
        boolean[] made = new boolean[1];
        server.trouble = path -> {
            // what was made is not told
            if (path.endsWith("runs/get") || (path.endsWith("log-batch") && !made[0])) {
                made[0] = true;
                throw new Failure(500, "INTERNAL_ERROR", "out of order");
            }
        };
        Path run = tiny.train("lost", logTo());
        Path state = run.resolve("mlflow/run.json");
        server.trouble = path -> {};
        // as if the program had been killed before it knew the id
        Files.writeString(state, Files.readString(state).replaceAll("\"r1\"", "\"\""));
        TinyRun.resume(run, "train.epochs=4");
        requireWhole(run);
    }

    @Test
    void errorsOfAServerAreWaitedOut() throws IOException {
        int[] left = {3};
        server.trouble = path -> {
            if (left[0]-- > 0) {
                throw new Failure(500, "INTERNAL_ERROR", "the data base is locked");
            }
        };
        List<TrainingEvent> events = new ArrayList<>();
        Path run = tiny.train("errors", tiny.recipe(logTo()), (event, training) -> events.add(event));
        settings().handOn(run, Map.of());
        requireWhole(run);
        assertThat(warnings(events).get(0)).contains("status 500: the data base is locked; what it misses is kept in");
    }

    @Test
    void aStoreOfFilesThatIsAwayHoldsUpNoFigures() throws IOException {
        server.trouble = path -> {
            if (path.contains("mlflow-artifacts")) {
                throw new Failure(503, "", "disabled");
            }
        };
        List<TrainingEvent> events = new ArrayList<>();
        Path run = tiny.train("files", tiny.recipe(logTo()), (event, training) -> events.add(event));
        assertThat(series(server.soleRun())).isEqualTo(lines(run));
        assertThat(server.soleRun().statuses).endsWith("FINISHED");
        assertThat(warnings(events)).first().asString().contains("files cannot be sent now: status 503: disabled");
        assertThat(warnings(events)).last().asString().contains("0 entries and ");
        server.trouble = path -> {};
        assertThat(settings().handOn(run, Map.of()).waiting()).isZero();
        requireWhole(run);
    }

    @Test
    void filesStayWhereTheServerTakesNone() throws IOException {
        server.store = "/data/mlruns/";
        List<TrainingEvent> events = new ArrayList<>();
        Path run = tiny.train("local", tiny.recipe(logTo()), (event, training) -> events.add(event));
        assertThat(series(server.soleRun())).isEqualTo(lines(run));
        assertThat(warnings(events)).hasSize(1);
        assertThat(warnings(events).get(0)).contains("stay here", "/data/mlruns/", "--serve-artifacts");
        assertThat(server.artifacts).isEmpty();
    }

    @Test
    void aRunThatIsGoneIsMadeAnewWithAllOfIt() throws IOException {
        Path run = tiny.train("moved", "train.epochs=2", logTo());
        server.runs.clear();
        server.artifacts.clear();
        List<String> warnings = TinyRun.resume(run, "train.epochs=3");
        assertThat(warnings).hasSize(1);
        assertThat(warnings.get(0)).contains("the run r1 is not at " + server.uri(), "gets all since");
        requireWhole(run);
    }

    /** A training written by hand, of which the server wants more than one request. */
    @Test
    void theServersLimitsAreKept() throws IOException {
        StringBuilder recipe = new StringBuilder("long: " + "x".repeat(7000) + "\n\"odd*name\": 1\n\"odd?name\": 2\n");
        for (int i = 0; i < 250; i++) {
            recipe.append("key").append(i).append(": ").append(i).append('\n');
        }
        Path run = Files.createDirectory(folder.resolve("limits"));
        Map<String, String> environment =
                Map.of("MLFLOW_TRACKING_USERNAME", "ada", "MLFLOW_TRACKING_PASSWORD", "s3cr3t");
        server.die();
        try (Tracker tracker = settings()
                .open(new TrackedRun(run, recipe.toString(), Optional.empty(), environment))
                .orElseThrow()) {
            tracker.begin(0);
            for (int step = 1; step <= 2500; step++) {
                Map<String, Double> values = new LinkedHashMap<>();
                values.put("val/loss", step == 7 ? Double.NaN : step == 8 ? Double.NEGATIVE_INFINITY : 1.0 / step);
                values.put("map@50 (all)", (double) step);
                tracker.scalars(step, values);
                if (step % 500 == 0) {
                    tracker.note(step, "a line of " + "many ".repeat(300));
                }
            }
            server.comeBack();
            tracker.end(2500, Tracker.Status.FINISHED);
        }
        Run told = server.soleRun();
        assertThat(told.metrics).hasSize(5000);
        assertThat(told.metrics.stream()
                        .filter(metric -> metric.key().equals("val/loss"))
                        .map(Metric::step))
                .isSorted()
                .doesNotHaveDuplicates()
                .hasSize(2500);
        assertThat(told.metrics.stream().map(Metric::key).distinct()).containsExactly("val/loss", "map_50 _all_");
        assertThat(told.metrics.stream()
                        .filter(metric -> metric.key().equals("val/loss") && metric.step() == 7)
                        .map(Metric::value))
                .containsExactly(Double.NaN);
        assertThat(told.params).hasSize(253).containsEntry("odd_name", "1").containsEntry("odd_name-2", "2");
        assertThat(told.params.get("long")).hasSize(6000).endsWith("(cut; the rest is in the run's files)");
        assertThat(told.tags.get("mlflow.note.content")).hasSize(5000).contains("(cut");
        assertThat(server.requests.stream().filter(request -> request.endsWith("log-batch")))
                .hasSizeLessThan(40);

        // who may write is sent, and not written down
        assertThat(server.authorizations).containsExactly("Basic YWRhOnMzY3IzdA==");
        try (Stream<Path> files = Files.walk(run)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .doesNotContain("s3cr3t", "YWRhOnMzY3IzdA");
            }
        }
    }

    @Test
    void whatAServerRefusesIsKeptAndHoldsUpNothing() throws IOException {
        Path run = Files.createDirectory(folder.resolve("refused"));
        TrackedRun tracked =
                new TrackedRun(run, "seed: 1\n", Optional.empty(), Map.of("MLFLOW_TRACKING_TOKEN", "t0k3n"));
        try (Tracker tracker = settings().open(tracked).orElseThrow()) {
            tracker.begin(0);
        }
        // somebody else wrote this, and it cannot be changed
        server.soleRun().params.put("epochs", "9");
        Tracker tracker = settings()
                .open(new TrackedRun(run, "seed: 1\nepochs: 3\n", Optional.empty(), Map.of()))
                .orElseThrow();
        tracker.begin(1);
        tracker.scalars(2, Map.of("val/loss", 0.5));
        tracker.close();
        assertThat(tracker.news()).hasSize(1);
        assertThat(tracker.news()).isEmpty();
        assertThat(Files.readString(run.resolve("mlflow/refused.jsonl")))
                .contains("\"epochs\"", "Changing param values is not allowed");
        assertThat(series(server.soleRun())).containsOnlyKeys("val/loss");
        assertThat(server.authorizations).containsExactly("Bearer t0k3n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"nowhere", "ftp://127.0.0.1/", "sqlite:///mlflow.db", "http://a b", "http://ada:s3cr3t@127.0.0.1"
            })
    void anAddressThatIsNoneIsRefusedBeforeTraining(String uri) {
        assertThatThrownBy(() -> tiny.recipe("train.log_to=[{name: mlflow, uri: '" + uri + "'}]"))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("train.log_to.0")
                .hasMessageContaining("expected the address of an MLflow server such as http://127.0.0.1:5000, got ")
                .cause()
                .hasMessageNotContaining("s3cr3t");
    }

    @Test
    void anAddressIsTheRecipesOrTheEnvironments() {
        assertThatThrownBy(
                        () -> TrainingRun.start(tiny.recipe("train.log_to=[mlflow]"), tiny.runs(), "none", List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("train.log_to: expected mlflow with an uri, or MLFLOW_TRACKING_URI in the environment, got"
                        + " neither");
        assertThat(tiny.runs().resolve("none")).doesNotExist();
        Mlflow plain = new Mlflow(Optional.empty(), Optional.empty(), false);
        plain.require(Map.of("MLFLOW_TRACKING_URI", server.uri()));
        assertThatThrownBy(() -> plain.require(Map.of("MLFLOW_TRACKING_URI", "databricks")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MLFLOW_TRACKING_URI: expected the address of an MLflow server");
        assertThatThrownBy(() -> tiny.recipe("train.log_to=[tensorboard, tensorboard]"))
                .hasMessageContaining("expected each name once in log_to");
    }

    @Test
    void aRunThatWroteNothingHasNothingToSend() {
        Path run = tiny.train("plain", "train.epochs=1");
        assertThatThrownBy(() -> settings().handOn(run, Map.of()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("found no such folder");
        assertThat(Recipes.of(RunFolder.open(run), List.of()).train().logTo()).isEmpty();
    }
}
