package ferrite.board.stdio;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** A stream that is owned elsewhere: closing this object only flushes it. */
public final class Uncloseable extends FilterOutputStream {

    public Uncloseable(OutputStream out) {
        super(out);
    }

    @Override
    public void write(byte[] bytes, int at, int length) throws IOException {
        out.write(bytes, at, length);
    }

    @Override
    public void close() throws IOException {
        flush();
    }
}
