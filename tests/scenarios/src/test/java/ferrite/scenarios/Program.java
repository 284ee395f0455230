package ferrite.scenarios;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A host program with its three streams. A program that does not end in time is killed, and fails the test. */
final class Program implements AutoCloseable {

    private static final int TIMEOUT_SECONDS = 60;

    /** The exit status and the output of an ended program. */
    record Ended(int status, byte[] bytes, String err) {

        /** Returns standard output, decoded as UTF-8. */
        String out() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private final Process process;
    private final Drain out;
    private final Drain err;

    private Program(Process process) {
        this.process = process;
        this.out = new Drain(process.getInputStream());
        this.err = new Drain(process.getErrorStream());
    }

    static Program start(Path directory, List<String> command) throws IOException {
        return new Program(new ProcessBuilder(command).directory(directory.toFile()).start());
    }

    /** Writes lines to standard input. */
    Program type(String... lines) throws IOException {
        OutputStream in = process.getOutputStream();
        for (String line : lines) {
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
        in.flush();
        return this;
    }

    /** Waits until standard output holds a text. */
    void awaitOut(String text) throws InterruptedException {
        out.await(text);
    }

    /** Waits until a line of standard error has this start. Returns the rest of the line. */
    String awaitErrLine(String start) throws InterruptedException {
        String all = err.await(start);
        int at = all.indexOf(start) + start.length();
        return err.await(all.substring(0, at), "\n", at).substring(at).lines().findFirst().orElse("");
    }

    /** Returns the process, for signals and its descendants. */
    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Closes standard input, and waits for the program's end. */
    Ended end() throws IOException, InterruptedException {
        try {
            process.getOutputStream().close();
        } catch (IOException alreadyEnded) {
            // the program did not read the rest of its input
        }
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            fail("the program did not end within " + TIMEOUT_SECONDS
                    + " seconds; it had written\n" + out.text() + err.text());
        }
        return new Ended(process.exitValue(), out.toEnd(), new String(err.toEnd(), StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Drains a stream, so that the program never waits for its reader. */
    private static final class Drain {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Thread thread;
        private boolean ended;

        Drain(InputStream in) {
            thread = new Thread(() -> drain(in), "drain");
            thread.setDaemon(true);
            thread.start();
        }

        private void drain(InputStream in) {
            byte[] buffer = new byte[1 << 16];
            try (in) {
                for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                    add(buffer, length);
                }
            } catch (IOException gone) {
                // the program was killed
            }
            end();
        }

        private synchronized void add(byte[] buffer, int length) {
            bytes.write(buffer, 0, length);
            notifyAll();
        }

        private synchronized void end() {
            ended = true;
            notifyAll();
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        String await(String text) throws InterruptedException {
            return await("", text, 0);
        }

        synchronized String await(String before, String text, int from) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
            while (text().indexOf(text, from) < 0) {
                if (ended || System.nanoTime() > end) {
                    fail("waited for '" + text + "' after '" + before + "', but there was\n" + text());
                }
                wait(100);
            }
            return text();
        }

        byte[] toEnd() throws InterruptedException {
            thread.join(TimeUnit.SECONDS.toMillis(TIMEOUT_SECONDS));
            synchronized (this) {
                return bytes.toByteArray();
            }
        }
    }
}
