package ferrite.board.command;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.SeededRandom;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The demo's disk: a file of the host, a padded copy of one that does not end with a sector, or a sample. */
record DemoDisk(Path image) {

    private static final Path DIRECTORY = Path.of("target");
    private static final Path SAMPLE = DIRECTORY.resolve("sample.img");
    private static final int SAMPLE_BYTES = 8 << 20;
    private static final int SECTOR = 512;

    static DemoDisk of(Path file) throws IOException {
        try {
            if (file == null) {
                return new DemoDisk(makeSample());
            }
            long bytes = Files.size(file);
            if (bytes == 0 || !Files.isRegularFile(file)) {
                throw new InputException(file + " is empty, or not a file; a disk needs something to read");
            }
            return new DemoDisk(bytes % SECTOR == 0 ? file : padded(file, bytes));
        } catch (InputException e) {
            throw e;
        } catch (IOException e) {
            throw new InputException((file == null ? SAMPLE : file) + " cannot be used: " + HostFiles.reason(e));
        }
    }

    /** Makes the sample, with the same bytes every time. */
    private static Path makeSample() throws IOException {
        Files.createDirectories(DIRECTORY);
        SeededRandom random = new SeededRandom(1);
        byte[] bytes = new byte[SAMPLE_BYTES];
        for (int i = 0; i < bytes.length; i += 8) {
            long word = random.nextLong();
            for (int b = 0; b < 8; b++) {
                bytes[i + b] = (byte) (word >>> 8 * b);
            }
        }
        Files.write(SAMPLE, bytes);
        return SAMPLE;
    }

    private static Path padded(Path file, long bytes) throws IOException {
        Files.createDirectories(DIRECTORY);
        Path copy = DIRECTORY.resolve(file.getFileName() + ".img");
        try (OutputStream out = Files.newOutputStream(copy)) {
            Files.copy(file, out);
            out.write(new byte[(int) (SECTOR - bytes % SECTOR)]);
        }
        return copy;
    }

    long bytes() throws IOException {
        return Files.size(image);
    }

    /** Computes the digest on the host. */
    String sha256() throws IOException {
        try (InputStream in = Files.newInputStream(image)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                digest.update(buffer, 0, length);
            }
            return Hex.bytes(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
