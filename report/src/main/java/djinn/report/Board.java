package djinn.report;

import com.sun.net.httpserver.HttpServer;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Shows a folder of runs in a browser of this machine while they train: an overview, and a page for each that grows.
 *
 * <p>It listens to this machine alone, answers GET alone, and gives out nothing but the pages, the figures, the pictures
 * and the reports of these runs. Its threads end with the process.
 */
public final class Board implements AutoCloseable {

    /** The port where nobody names one. */
    public static final int PORT = 8033;

    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int THREADS = 2;

    /** How long a page that looks on is waited for at the end, so that it sees the last epoch. */
    private static final long LAST_LOOK_MILLIS = 2500;

    static {
        // otherwise each answer waits 40 ms for the acknowledgement of its head; read when the server's classes load
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final BoardPages pages;

    private Board(HttpServer server, ExecutorService threads, BoardPages pages) {
        this.server = server;
        this.threads = threads;
        this.pages = pages;
    }

    /**
     * Begins to answer.
     *
     * @param runs the folder of runs; may not be there yet
     * @param port where; 0 for any that is free
     * @return the board, to be closed
     * @throws DataException if the port is taken or cannot be listened at
     * @throws IllegalArgumentException if it is no port
     */
    public static Board open(Path runs, int port) {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("expected a port from 0, for any that is free, to 65535, got " + port);
        }
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), 0);
        } catch (BindException e) {
            throw new DataException(
                    "port " + port + " of this machine cannot be listened at: " + AtomicFile.reason(e)
                            + "; another program has it, or another board: name one by --port, or --port 0 for any",
                    e);
        } catch (IOException e) {
            throw new DataException("cannot listen at port " + port + ": " + AtomicFile.reason(e), e);
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "board");
            thread.setDaemon(true);
            return thread;
        });
        BoardPages pages = new BoardPages(runs);
        server.setExecutor(threads);
        server.createContext("/", pages);
        server.start();
        return new Board(server, threads, pages);
    }

    /** Returns where the overview is. */
    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    /** Returns where the page of a run is. */
    public String address(RunFolder run) {
        String name = URLEncoder.encode(RunFacts.name(run.path()), StandardCharsets.UTF_8)
                .replace("+", "%20");
        return address() + "run/" + name + "/";
    }

    /** Ends the answering; waits a moment where somebody looks on, for the last figures to be seen. */
    @Override
    public void close() {
        pages.awaitLook(LAST_LOOK_MILLIS);
        server.stop(0);
        threads.shutdownNow();
    }
}
