package djinn.cli;

import djinn.report.Board;
import djinn.report.RunList;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "board",
        description = "Show runs in a browser of this machine while they train, until Ctrl-C.",
        footer = {
            "",
            "  djinn board",
            "  djinn board /mnt/runs --port 9000",
            "",
            "Only this machine is answered. From another one: ssh -L 8033:127.0.0.1:8033 HOST, then 127.0.0.1:8033 there."
        })
final class BoardCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "FOLDER",
            defaultValue = "runs",
            description = "The folder of runs (default: ${DEFAULT-VALUE}).")
    private Path folder;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Where it listens (default: " + Board.PORT + "); 0 for any that is free.")
    private int port = Board.PORT;

    @Override
    public Integer call() throws InterruptedException {
        int count = RunList.of(folder).runs().size();
        CountDownLatch stopped = new CountDownLatch(1);
        PrintWriter out = spec.commandLine().getOut();
        try (Interruption interruption = new Interruption(stopped::countDown);
                Board board = Board.open(folder, port)) {
            out.println(count + (count == 1 ? " run" : " runs") + " at " + board.address() + " (Ctrl-C ends it)");
            out.flush();
            stopped.await();
        }
        return ExitCode.OK;
    }
}
