package ferrite.debugport;

import ferrite.debugport.http.HttpService;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Refuses a connection beyond the limit, in the client's protocol. A client that says nothing for a moment gets a line
 * of text.
 */
final class FullPort extends ByteToMessageDecoder {

    static final int WAIT_MILLIS = 500;

    private final HttpService http;
    private final String sentence;
    private Future<?> deadline;

    /**
     * Creates a handler.
     *
     * @param http     makes the answer to HTTP requests, or null
     * @param sentence the reason, for the client
     */
    FullPort(HttpService http, String sentence) {
        this.http = http;
        this.sentence = sentence;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        deadline = ctx.executor().schedule(() -> refuse(ctx, Protocol.TEXT), WAIT_MILLIS, TimeUnit.MILLISECONDS);
        ctx.read();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        Protocol protocol = Protocol.of(in);
        if (protocol != null) {
            refuse(ctx, protocol);
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

    private void refuse(ChannelHandlerContext ctx, Protocol protocol) {
        boolean isHttp = protocol == Protocol.HTTP && http != null;
        byte[] refusal = isHttp ? http.unavailable(sentence).getBytes(StandardCharsets.UTF_8)
                : protocol.refusal(Protocol.HttpStatus.UNAVAILABLE, sentence);
        ctx.pipeline().replace(this, "refusal", new Farewell(refusal));
    }
}
