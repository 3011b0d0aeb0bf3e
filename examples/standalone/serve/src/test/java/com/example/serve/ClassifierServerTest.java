package com.example.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import djinn.data.Preprocessing;
import djinn.inference.Classification;
import djinn.inference.ImageClassifier;
import djinn.inference.ModelCard;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierServerTest {

    private static final List<String> CLASSES = List.of("zero", "one", "two");

    @TempDir
    Path folder;

    private Path weights;

    /** A network as it starts: what it says means nothing, but is always the same. */
    @BeforeEach
    void makeWeights() {
        weights = folder.resolve("model.safetensors");
        ModelCard card = new ModelCard(
                "nin_small",
                CLASSES,
                new Preprocessing(8, 8, 1, List.of(0.5), List.of(0.5), Preprocessing.Fit.STRETCH, 1));
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(1);
            NamedBlock model = card.newModel();
            model.initialize(manager);
            Safetensors.write(weights, StateDict.of(model), card.toMetadata());
        }
    }

    private static byte[] image(long seed) throws IOException {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
        byte[] shades = new byte[64];
        new Random(seed).nextBytes(shades);
        image.getRaster().setDataElements(0, 0, 8, 8, shades);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, "png", bytes));
        return bytes.toByteArray();
    }

    private static HttpRequest post(int port, byte[] body) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/classify"))
                .POST(BodyPublishers.ofByteArray(body))
                .build();
    }

    @Test
    void manyRequestsAtATimeGetTheAnswersOfOneByOne() throws Exception {
        List<byte[]> images = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        try (ImageClassifier alone = ImageClassifier.open(weights)) {
            for (int n = 0; n < 40; n++) {
                images.add(image(n));
                Classification said = alone.predict(images.get(n));
                expected.add(said.best().label());
            }
        }
        assertTrue(expected.stream().distinct().count() > 1, "expected images that differ, got " + expected);
        try (ClassifierServer server = new ClassifierServer(weights, 0, 4)) {
            HttpClient client = HttpClient.newHttpClient();
            List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
            for (byte[] image : images) {
                asked.add(client.sendAsync(post(server.port(), image), BodyHandlers.ofString()));
            }
            for (int n = 0; n < images.size(); n++) {
                HttpResponse<String> answer = asked.get(n).get();
                assertEquals(200, answer.statusCode(), answer.body());
                assertEquals(expected.get(n), answer.body().split(" ")[0]);
            }
        }
    }

    @Test
    void whatIsNoImageIsRefusedInOneLineAndTheServerGoesOn() throws Exception {
        try (ClassifierServer server = new ClassifierServer(weights, 0, 2)) {
            HttpClient client = HttpClient.newHttpClient();
            HttpResponse<String> refused =
                    client.send(post(server.port(), "no image".getBytes()), BodyHandlers.ofString());
            assertEquals(400, refused.statusCode());
            assertEquals(1, refused.body().lines().count(), refused.body());
            assertEquals(
                    200,
                    client.send(post(server.port(), image(1)), BodyHandlers.ofString())
                            .statusCode());
        }
    }

    /** What predicts brings nothing that trains. */
    @Test
    void nothingThatTrainsIsThere() {
        assertThrows(ClassNotFoundException.class, () -> Class.forName("djinn.training.Trainer"));
        assertThrows(ClassNotFoundException.class, () -> Class.forName("djinn.losses.CrossEntropy"));
        assertThrows(ClassNotFoundException.class, () -> Class.forName("djinn.cli.Djinn"));
    }
}
