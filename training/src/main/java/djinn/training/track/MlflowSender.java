package djinn.training.track;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends what is in two journals, of entries and of files, to a run of an MLflow server, each in its order, on a thread of
 * its own. Whatever becomes of the server, what was added stays on disk until the server has it: an entry whose answer
 * was lost is looked for there before it is sent again.
 */
final class MlflowSender implements AutoCloseable {

    /** In the run's folder. */
    static final String FOLDER = "mlflow";

    private final Path runFolder;
    private final Path folder;
    private final MlflowPace pace;
    private final Pauses pauses;
    private final FolderLock lock;
    private final MlflowClient client;
    private final MlflowRun run;
    private final Journal entries;
    private final Journal files;
    private final Queue<String> news = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::sendAll, "mlflow");

    /** Whether the server may have the first of the entries that wait. */
    private boolean doubtful = true;

    private boolean isAway;
    private boolean filesAreAway;
    private long filesAgain;
    private volatile boolean filesStayHere;

    private volatile boolean stopped;

    /** Opens the journals of a run; told of the entries and files that are in them. */
    MlflowSender(
            Mlflow settings, Path runFolder, Map<String, String> environment, MlflowPace pace, Consumer<String> known) {
        this.runFolder = runFolder;
        this.pace = pace;
        pauses = new Pauses(pace);
        folder = runFolder.resolve(FOLDER);
        lock = new FolderLock(folder);
        Path file = folder.resolve("run.json");
        String name = runFolder.toAbsolutePath().normalize().getFileName().toString();
        MlflowState state =
                MlflowState.read(file).orElseGet(() -> MlflowState.begin(name).write(file));
        client = new MlflowClient(settings.address(environment), environment, pace.request());
        run = new MlflowRun(client, settings.experiment(environment), file, state);
        entries = new Journal(folder.resolve("entries.jsonl"), known);
        files = new Journal(folder.resolve("files.jsonl"), known);
        thread.setDaemon(true);
    }

    /** Begins to send whatever is added. */
    void start() {
        pauses.begin();
        thread.start();
    }

    /** Adds an entry: a figure, a parameter, a tag or a change of how the run stands. */
    void add(ObjectNode entry) {
        entries.add(entry.toString());
        pauses.wake();
    }

    /** Adds a file of the run's folder. */
    void addFile(ObjectNode file) {
        files.add(file.toString());
        pauses.wake();
    }

    /** Returns how many entries and files wait; not those that the server takes none of. */
    long waiting() {
        return entries.waiting() + (filesStayHere ? 0 : files.waiting());
    }

    /** Returns what happened since it was asked last. */
    List<String> news() {
        List<String> lines = new ArrayList<>();
        for (String line = news.poll(); line != null; line = news.poll()) {
            lines.add(line);
        }
        return lines;
    }

    /** Sends until it is closed; if it was not started, until nothing waits or the server is away. */
    void sendAll() {
        boolean goesOn = true;
        while (goesOn && !stopped) {
            boolean worked = false;
            boolean failed = false;
            try {
                worked = sendEntries();
                worked |= sendFile();
            } catch (AwayException e) {
                failed = true;
                away(e);
            } catch (RefusedException e) {
                failed = true;
                away(new AwayException(e.getMessage()));
            } catch (DataException | JacksonException e) {
                // the disk that the journal is on: the trainer will hear of it, too
                news.add("warning: mlflow: nothing more is sent: " + e.getMessage());
                return;
            }
            goesOn = (worked && !failed) || pauses.await(failed, failed || filesAreAway);
        }
    }

    private void find() throws AwayException, RefusedException {
        if (!run.isKnown()) {
            run.find(
                    () -> {
                        entries.rewind();
                        files.rewind();
                    },
                    news::add);
        }
    }

    private boolean sendEntries() throws AwayException, RefusedException {
        List<Journal.Line> waiting = entries.next();
        if (waiting.isEmpty()) {
            return false;
        }
        if (!run.isKnown()) {
            find();
            // all may wait again
            waiting = entries.next();
        }
        MlflowBatch batch = MlflowBatch.first(waiting);
        try {
            send(batch.entries(), batch.isStatus());
        } catch (RefusedException e) {
            // the run may be gone
            run.doubt();
            long before = entries.waiting();
            find();
            if (entries.waiting() > before) {
                return true;
            }
            sendEach(batch.entries(), batch.isStatus());
        }
        entries.sent(batch.lines());
        if (isAway) {
            isAway = false;
            pauses.reset();
            news.add("mlflow: " + client.address() + " answers again");
        }
        return true;
    }

    private void send(List<ObjectNode> batch, boolean isStatus) throws AwayException, RefusedException {
        if (isStatus) {
            run.status(batch.get(0));
            return;
        }
        List<ObjectNode> rest = batch;
        if (doubtful) {
            rest = run.notThere(batch);
            doubtful = rest.stream().noneMatch(MlflowBatch::isMetric);
        }
        try {
            run.log(rest);
        } catch (AwayException | RefusedException e) {
            // some of it may be there
            doubtful = true;
            throw e;
        }
    }

    /** One by one, to find which the server refuses. */
    private void sendEach(List<ObjectNode> batch, boolean isStatus) throws AwayException {
        for (ObjectNode entry : batch) {
            try {
                send(List.of(entry), isStatus);
            } catch (RefusedException e) {
                Path refused = folder.resolve("refused.jsonl");
                append(refused, entry.deepCopy().put("refused", e.getMessage()).toString());
                news.add("warning: mlflow: the server refuses "
                        + entry.path("key").asString("a change of status") + " (" + e.getMessage() + "); it is kept in "
                        + refused);
            }
        }
    }

    private static void append(Path file, String line) {
        try {
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new DataException("cannot write " + file + ": " + AtomicFile.reason(e), e);
        }
    }

    /** A store of files that is away keeps no entries from being sent. */
    private boolean sendFile() throws AwayException, RefusedException {
        List<Journal.Line> waiting = filesStayHere ? List.of() : files.next();
        if (waiting.isEmpty() || (filesAreAway && !pauses.isEnding() && System.nanoTime() < filesAgain)) {
            return false;
        }
        find();
        if (run.filesStayHere().isPresent()) {
            filesStayHere = true;
            news.add("warning: mlflow: " + run.filesStayHere().get());
            return false;
        }
        List<Journal.Line> first = waiting.subList(0, 1);
        String name = MlflowBatch.read(first.get(0).text()).path("file").asString("");
        try {
            run.put(name, runFolder.resolve(name));
            filesAreAway = false;
        } catch (AwayException e) {
            if (!filesAreAway) {
                news.add("warning: mlflow: files cannot be sent now: " + e.getMessage() + "; they are sent later");
            }
            filesAreAway = true;
            filesAgain = System.nanoTime() + pauses.length().toNanos();
            return false;
        } catch (RefusedException e) {
            news.add("warning: mlflow: " + name + " is not sent: " + e.getMessage());
        }
        files.sent(first);
        return true;
    }

    private void away(AwayException e) {
        if (!isAway) {
            isAway = true;
            news.add("warning: mlflow: " + client.address() + ": " + e.getMessage() + "; what it misses is kept in "
                    + folder + " and sent when it is back");
        }
    }

    /** Sends the rest, in some seconds at most, and tells what still waits. */
    void finish() {
        pauses.end();
        try {
            thread.join(pace.end().toMillis());
            if (thread.isAlive()) {
                stopped = true;
                client.cancel();
                thread.join(pace.request().toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (waiting() > 0) {
            news.add("warning: mlflow: " + entries.waiting() + " entries and " + files.waiting() + " files wait in "
                    + folder + "; 'djinn track " + runFolder + "' sends them, and so does going on with the run");
        }
    }

    @Override
    public void close() {
        entries.close();
        files.close();
        lock.close();
    }
}
