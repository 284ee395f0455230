package ferrite.debugport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Gate for clients on a port with a token: the first line must be {@code token T}. All later bytes, of any protocol,
 * are for the {@link ProtocolChooser}.
 */
final class TokenGate extends ByteToMessageDecoder {

    static final int MAX_TOKEN_BYTES = 1024;
    /** Deadline for the token, so that strangers cannot occupy all connections silently. */
    static final int DEADLINE_SECONDS = 30;

    private static final byte[] WORD = "token ".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_LINE_BYTES = WORD.length + MAX_TOKEN_BYTES + 2;

    private final byte[] token;
    private final boolean gdbOpen;
    private final ProtocolChooser next;
    private Future<?> deadline;

    TokenGate(DebugAccess access, ProtocolChooser next) {
        this.token = access.token().getBytes(StandardCharsets.UTF_8);
        this.gdbOpen = access.gdbOpen();
        this.next = next;
    }

    /** Tells whether a token can be typed at the end of a line. */
    static boolean accepts(String token) {
        int bytes = token.getBytes(StandardCharsets.UTF_8).length;
        return bytes > 0 && bytes <= MAX_TOKEN_BYTES
                && token.codePoints().noneMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        deadline = ctx.executor().schedule(() -> refuse(ctx, Protocol.TEXT), DEADLINE_SECONDS, TimeUnit.SECONDS);
        ctx.read();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (gdbOpen && Protocol.of(in) == Protocol.GDB) {
            letPast(ctx, in);
            return;
        }
        int length = in.bytesBefore(Math.min(MAX_LINE_BYTES, in.readableBytes()), (byte) '\n');
        if (length >= 0 && isRight(in, length)) {
            in.skipBytes(length + 1);
            letPast(ctx, in);
        } else if (length >= 0 || !mayBecomeRight(in)) {
            refuse(ctx, Protocol.of(in));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        super.userEventTriggered(ctx, event);
        if (event instanceof ChannelInputShutdownEvent && !ctx.isRemoved()) {
            refuse(ctx, Protocol.TEXT);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    private boolean isRight(ByteBuf in, int length) {
        if (!startsWithWord(in, length)) {
            return false;
        }
        byte[] given = new byte[length - WORD.length];
        in.getBytes(in.readerIndex() + WORD.length, given);
        int end = given.length > 0 && given[given.length - 1] == '\r' ? given.length - 1 : given.length;
        // Constant time: a nearly right token takes as long as a wholly wrong one.
        return MessageDigest.isEqual(Arrays.copyOf(given, end), token);
    }

    private static boolean startsWithWord(ByteBuf in, int length) {
        return length >= WORD.length && agreesWithWord(in, WORD.length);
    }

    /**
     * Tells whether the input may still become the right line. GDB sends no line end, so input that does not begin with
     * the word is refused at once.
     */
    private static boolean mayBecomeRight(ByteBuf in) {
        return in.readableBytes() < MAX_LINE_BYTES && agreesWithWord(in, Math.min(WORD.length, in.readableBytes()));
    }

    private static boolean agreesWithWord(ByteBuf in, int length) {
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != WORD[i]) {
                return false;
            }
        }
        return true;
    }

    private void letPast(ChannelHandlerContext ctx, ByteBuf rest) {
        boolean more = rest.isReadable();
        ctx.pipeline().replace(this, "chooser", next);
        if (!more) {
            ctx.channel().read();
        }
    }

    private void refuse(ChannelHandlerContext ctx, Protocol protocol) {
        Protocol known = protocol == null ? Protocol.TEXT : protocol;
        String refusal = known.refusal(Protocol.HttpStatus.UNAUTHORIZED,
                "this port needs a token: the first line must be 'token T', with the T that the machine "
                        + "was started with");
        ctx.pipeline().replace(this, "refusal", new Farewell(refusal));
    }
}
