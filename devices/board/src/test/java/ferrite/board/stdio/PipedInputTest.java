package ferrite.board.stdio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as input of a serial line. */
class PipedInputTest {

    private static final long SIZE = 5L << 30;

    @TempDir
    private Path directory;

    @Test
    void aFileOfMoreThanTwoGibibytesIsReadToItsEnd() throws IOException {
        Path file = directory.resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(SIZE);
        }
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            assertThat(PipedInput.bytesLeft(in)).isEqualTo(SIZE);
            assertThat(in.read()).isZero();
            assertThat(PipedInput.bytesLeft(in)).isEqualTo(SIZE - 1);
            in.getChannel().position(SIZE - 1);
            assertThat(PipedInput.bytesLeft(in)).isEqualTo(1);
        }
        assertThat(PipedInput.bytesLeft(new ByteArrayInputStream(new byte[3]))).isEqualTo(3);
    }
}
