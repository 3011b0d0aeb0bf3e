package com.example.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import djinn.inference.ImageClassifier;
import djinn.inference.Score;
import djinn.ops.DataException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Says what is on the image in the body of a POST: one classifier, shared by all worker threads.
 *
 * <pre>
 * ClassifierServer runs/digits 8080
 * curl --data-binary @digit.png http://localhost:8080/classify
 * </pre>
 */
public final class ClassifierServer implements AutoCloseable {

    private static final int MOST_BYTES = 10_000_000;

    private final ImageClassifier classifier;
    private final ExecutorService workers;
    private final HttpServer server;

    /**
     * Starts to answer, on this machine alone.
     *
     * @param model the folder of a run, or a weights, ONNX or TorchScript file
     * @param port where; 0 for any that is free
     * @param threads how many requests are worked on at a time
     * @throws IOException if the port is taken
     */
    public ClassifierServer(Path model, int port, int threads) throws IOException {
        classifier = ImageClassifier.open(model);
        workers = Executors.newFixedThreadPool(threads);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/classify", this::answer);
        server.setExecutor(workers);
        server.start();
    }

    /** Returns where it answers. */
    public int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("POST")) {
                reply(exchange, 405, "expected POST with an image as body");
                return;
            }
            byte[] image = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
            if (image.length > MOST_BYTES) {
                reply(exchange, 413, "expected an image of at most " + MOST_BYTES + " bytes");
                return;
            }
            try {
                Score best = classifier.predict(image).best();
                reply(exchange, 200, best.label() + " " + best.probability());
            } catch (DataException | IllegalArgumentException e) {
                reply(exchange, 400, e.getMessage());
            }
        }
    }

    private static void reply(HttpExchange exchange, int status, String line) throws IOException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }

    /** Stops; the classifier is closed when no worker needs it any more. */
    @Override
    public void close() {
        server.stop(0);
        workers.shutdown();
        classifier.close();
    }

    /**
     * Runs the server.
     *
     * @param args the model and the port
     * @throws IOException if the port is taken
     */
    public static void main(String[] args) throws IOException {
        ClassifierServer server = new ClassifierServer(
                Path.of(args[0]), Integer.parseInt(args[1]), Runtime.getRuntime().availableProcessors());
        System.out.println("http://localhost:" + server.port() + "/classify");
    }
}
