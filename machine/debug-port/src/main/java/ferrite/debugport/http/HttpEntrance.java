package ferrite.debugport.http;

import ferrite.debugport.pipeline.Ending;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * First handler of an HTTP connection. It lays out the rest of the pipeline and passes bytes on. After the last answer
 * it drains the client's input for a moment: TCP answers unread input with a reset, which would discard the answer.
 */
final class HttpEntrance extends ChannelInboundHandlerAdapter {

    static final int MAX_LINE_BYTES = 4096;
    static final int MAX_HEADERS_BYTES = 8192;
    private static final int DRAIN_BYTES = 256 * 1024;
    private static final int DRAIN_SECONDS = 1;

    private final HttpService service;
    private final BooleanSupplier place;
    private boolean draining;
    private long drained;

    HttpEntrance(HttpService service, BooleanSupplier place) {
        this.service = service;
        this.place = place;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        HttpDecoderConfig limits = new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE_BYTES)
                .setMaxHeaderSize(MAX_HEADERS_BYTES).setChunkedSupported(true).setValidateHeaders(true);
        ctx.pipeline().addAfter(ctx.name(), "requests", new RequestHandler(service, this, place))
                .addAfter(ctx.name(), "codec", new HttpServerCodec(limits));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!draining) {
            ctx.fireChannelRead(message);
            return;
        }
        drained += ((ByteBuf) message).readableBytes();
        ReferenceCountUtil.release(message);
        if (drained > DRAIN_BYTES) {
            ctx.close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (draining) {
            ctx.read();
        } else {
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (draining && event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    /** Ends the connection after its last answer was written. */
    void end(ChannelHandlerContext ctx) {
        if (!draining && Ending.endOutput(ctx.channel())) {
            draining = true;
            ctx.executor().schedule(() -> ctx.close(), DRAIN_SECONDS, TimeUnit.SECONDS);
            ctx.channel().read();
        } else {
            ctx.close();
        }
    }
}
