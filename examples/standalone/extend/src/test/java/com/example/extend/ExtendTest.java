package com.example.extend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import djinn.data.Pixels;
import djinn.ops.PyTorch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar's parts, and the djinn command with the jar beside it. */
class ExtendTest {

    @TempDir
    Path folder;

    /** Runs the command as a user does, in a process of its own. */
    private static String djinn(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "djinn.cli.Djinn"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), said);
            return said;
        }
    }

    @Test
    void theCommandListsThem() throws Exception {
        assertTrue(djinn("losses").contains("poly_1"));
        assertTrue(djinn("models").contains("two_convolutions"));
    }

    @Test
    void aRecipeUsesThem() throws Exception {
        String said = djinn("train", "extend.yaml", "--runs", folder.toString(), "--name", "mine");
        assertTrue(said.contains("accuracy"), said);
        String figures = djinn("val", folder.resolve("mine").toString(), "--json");
        double accuracy = Double.parseDouble(figures.replaceFirst("(?s).*\"accuracy\":([0-9.]+).*", "$1"));
        assertTrue(accuracy > 0.6, figures);
    }

    /** Logits 0 and 0: log 2, and a half is missing. */
    @Test
    void theLossIsItsFormula() {
        try (NDManager manager = PyTorch.newManager()) {
            float loss = new Poly1(2)
                    .apply(manager.create(new float[][] {{0, 0}}), manager.create(new long[] {1}))
                    .getFloat();
            assertEquals(Math.log(2) + 1, loss, 1e-6);
        }
    }

    @Test
    void theAugmentationTurnsShadesRound() {
        Pixels image = new Pixels(1, 2, 1, new byte[] {0, (byte) 200});
        Pixels changed = new RandomInvert(1).apply(image, 1, 2, new Random(0));
        assertArrayEquals(new byte[] {(byte) 255, 55}, changed.values());
    }
}
