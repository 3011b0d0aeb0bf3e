package djinn.cli;

import djinn.ops.DataException;
import djinn.tasks.Recipes;
import djinn.training.run.RunFolder;
import djinn.training.track.Mlflow;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "track",
        description = {
            "Send what a training wrote for an MLflow server that was away.",
            "Nothing is sent twice. Going on with the run sends it, too."
        },
        footer = {"", "  djinn track runs/trial", "  djinn track runs/trial --uri http://127.0.0.1:5001"})
final class TrackCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RUN", description = "The folder of a run.")
    private Path run;

    @Option(
            names = "--uri",
            paramLabel = "ADDRESS",
            description = "Where the server is now; as the run's recipe or MLFLOW_TRACKING_URI says if left out.")
    private String uri;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        RunFolder folder = RunFolder.open(run);
        Optional<Mlflow> named = Recipes.of(folder, List.of()).train().logTo().stream()
                .filter(Mlflow.class::isInstance)
                .map(Mlflow.class::cast)
                .findFirst();
        Mlflow mlflow = new Mlflow(
                Optional.ofNullable(uri).or(() -> named.flatMap(Mlflow::uri)),
                named.flatMap(Mlflow::experiment),
                named.isPresent() && named.get().weights());
        Mlflow.HandedOn handedOn = mlflow.handOn(folder.path(), System.getenv());
        handedOn.news().forEach(out::println);
        out.println("sent: " + handedOn.sent() + ", waiting: " + handedOn.waiting());
        out.flush();
        if (handedOn.waiting() > 0) {
            throw new DataException(folder.path().resolve("mlflow") + ": " + handedOn.waiting()
                    + " entries and files still wait; 'djinn track' sends them once the server takes them");
        }
        return ExitCode.OK;
    }
}
