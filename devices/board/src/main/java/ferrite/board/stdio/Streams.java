package ferrite.board.stdio;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The streams of the process, as bytes. {@code System.out} would hide errors, and encode text as the locale says. */
public final class Streams {

    private Streams() { }

    /** Standard output, named in its errors: the operating system says only what went wrong. */
    private static final class StandardOutput extends FileOutputStream {
        StandardOutput() {
            super(FileDescriptor.out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                super.write(bytes, from, length);
            } catch (IOException e) {
                throw new IOException("standard output cannot be written: " + e.getMessage(), e);
            }
        }
    }

    /** Returns standard input, without bytes if the process was started with it closed. */
    public static InputStream standardInput() {
        return Tty.isStandardInputClosed() ? InputStream.nullInputStream() : new FileInputStream(FileDescriptor.in);
    }

    public static OutputStream standardOutput() {
        return new BufferedOutputStream(new StandardOutput(), 1 << 16);
    }

    public static PrintStream standardError() {
        return new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    }
}
