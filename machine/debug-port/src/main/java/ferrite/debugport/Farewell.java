package ferrite.debugport;

import ferrite.debugport.pipeline.Ending;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Sends a last sentence and closes the connection so that the sentence arrives. TCP answers unread input with a reset,
 * which would discard the sentence. The client's input is therefore drained for a moment before the socket is closed.
 */
final class Farewell extends ChannelInboundHandlerAdapter {

    static final int DRAIN_BYTES = 256 * 1024;
    static final int DRAIN_SECONDS = 1;

    private final byte[] words;
    private Future<?> deadline;
    private long drained;

    Farewell(String sentence) {
        this(sentence.getBytes(StandardCharsets.UTF_8));
    }

    /** @param words the sentence in the form of the client's protocol */
    Farewell(byte[] words) {
        this.words = words;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline = ctx.executor().schedule(() -> ctx.close(), DRAIN_SECONDS, TimeUnit.SECONDS);
        ctx.writeAndFlush(Unpooled.wrappedBuffer(words))
           .addListener(said -> endOutput(ctx));
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        drained += ((ByteBuf) message).readableBytes();
        ReferenceCountUtil.release(message);
        if (drained > DRAIN_BYTES) {
            ctx.close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        deadline.cancel(false);
    }

    private static void endOutput(ChannelHandlerContext ctx) {
        if (!Ending.endOutput(ctx.channel())) {
            ctx.close();
        }
    }
}
