package ferrite.kernel.driver;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Fcntl;
import java.nio.charset.StandardCharsets;

/** Reads and writes files of {@code /sys} in tasks of a fixture. */
final class SysFiles {

    private static final int BYTES = 4096;

    private final KernelFixture fixture;
    private long buffer;

    SysFiles(KernelFixture fixture) {
        this.fixture = fixture;
        fixture.run(() -> buffer = fixture.zeroed(BYTES));
    }

    /** Returns the text of a file, or the text of an error. In a task. */
    String read(String path) {
        int file = fixture.kernel().files().open(path, Fcntl.O_RDONLY);
        if (file < 0) {
            return Errno.message(file);
        }
        byte[] bytes = new byte[Math.max(0, fixture.kernel().files().read(file, buffer, BYTES))];
        fixture.memory().read(buffer, bytes, 0, bytes.length);
        fixture.kernel().files().close(file);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Writes a line to a file. In a task. Returns 0 or a negative errno. */
    int write(String path, String line) {
        int file = fixture.kernel().files().open(path, Fcntl.O_WRONLY);
        if (file < 0) {
            return file;
        }
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        fixture.memory().write(buffer, bytes, 0, bytes.length);
        int result = fixture.kernel().files().write(file, buffer, bytes.length);
        fixture.kernel().files().close(file);
        return Math.min(result, 0);
    }

    /** Writes a line to a file in a task of its own, and checks the result. */
    void expect(int result, String path, String line) {
        fixture.run(() -> {
            int found = write(path, line);
            check(found == result, "writing '" + line + "' to " + path + " returned " + found + ", not " + result);
        });
    }

    /** Reads a file in a task of its own. */
    String text(String path) {
        String[] text = new String[1];
        fixture.run(() -> text[0] = read(path));
        return text[0];
    }

    /** Lists a directory in a task of its own. */
    String list(String path) {
        StringBuilder names = new StringBuilder();
        fixture.run(() -> fixture.kernel().files().tree().list(path)
                .forEach(node -> names.append(node.name()).append(' ')));
        return names.toString().strip();
    }
}
